// A small server on Node's own HTTP module: each answer sorts and encodes some records, so that its
// time is the JIT's and the garbage collector's. PORT is where it listens; SLOW multiplies the work.
'use strict';
const http = require('http');
const records = Math.round(60 * Number(process.env.SLOW || 1));
http.createServer((request, response) => {
    const rows = [];
    let seed = request.url.length;
    for (let i = 0; i < records; i++) {
        seed = (seed * 1103515245 + 12345) % 2147483648;
        rows.push({ id: seed, name: 'record ' + seed, path: request.url });
    }
    rows.sort((a, b) => a.id - b.id);
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(rows));
}).listen(Number(process.env.PORT), '127.0.0.1');

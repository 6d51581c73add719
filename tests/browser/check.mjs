// What a person would see of pages of perf-report: node check.mjs PAGE.html [VERDICT.json] ...
//
// Each page is looked at as a phone and as a desktop would show it, in light and in dark. Prints a
// line for each fault, "PAGE (390 px, dark): sentence", and ends with 0 whether there are any or
// not; another exit code means that it could not look. With VERDICT.json behind it, a page is also
// held against that document.
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { open } from './chromium.mjs';

// Runs within the page: what is cut off, what overlaps, and what has too little contrast.
function lookAtLayout() {
    const faults = [];
    const root = document.documentElement;
    const say = (element, what) =>
        faults.push(`${what}: <${element.tagName.toLowerCase()}> '${element.textContent.trim().slice(0, 60)}'`);
    if (root.scrollWidth > root.clientWidth)
        faults.push(`the page is ${root.scrollWidth} px wide on ${root.clientWidth} px`);
    for (const element of document.body.querySelectorAll('*')) {
        const box = element.getBoundingClientRect();
        if (box.width && !element.closest('.wide') && (box.right > root.clientWidth + 0.5 || box.left < -0.5))
            say(element, 'reaches beyond the page');
    }
    for (const svg of document.querySelectorAll('svg')) {
        const frame = svg.getBoundingClientRect();
        const texts = [...svg.querySelectorAll('text')].map((text) => [text, text.getBoundingClientRect()]);
        texts.forEach(([text, box], i) => {
            if (box.left < frame.left - 0.5 || box.right > frame.right + 0.5 ||
                box.top < frame.top - 0.5 || box.bottom > frame.bottom + 0.5)
                say(text, 'is cut off by its drawing');
            for (const [other, next] of texts.slice(i + 1)) {
                const across = Math.min(box.right, next.right) - Math.max(box.left, next.left);
                const down = Math.min(box.bottom, next.bottom) - Math.max(box.top, next.top);
                if (across > 0.5 && down > 2) // line boxes are taller than letters
                    say(text, `overlaps '${other.textContent}'`);
            }
        });
    }
    return faults;
}

// WCAG 2.2, 1.4.3: the contrast of text with what is behind it.
function lookAtContrast() {
    const numbers = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = (color) => numbers(color).slice(0, 3)
        .map((part) => part / 255)
        .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
        .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const [r, g, b, alpha = 1] = numbers(getComputedStyle(at).backgroundColor);
            if (alpha === 1) return `rgb(${r}, ${g}, ${b})`;
            if (alpha > 0) return `rgb(${r}, ${g}, ${b})`;
        }
        return 'rgb(255, 255, 255)';
    };
    const faults = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.parentElement;
        if (!node.textContent.trim() || element.closest('title, desc')) continue;
        const style = getComputedStyle(element);
        const [a, b] = [element.closest('svg') ? style.fill : style.color, ground(element)].map(luminance);
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (!(ratio >= 4.5))
            faults.add(`the contrast of <${element.tagName.toLowerCase()} class="${element.className?.baseVal ?? element.className}"> is ${ratio.toFixed(2)}`);
    }
    return [...faults];
}

// What the page says, for comparison with the document.
function readPage() {
    const cells = (row) => [...row.children].map((cell) => cell.textContent);
    const heads = cells(document.querySelector('#rows thead tr'));
    const marks = (svg) => {
        const limit = svg.querySelector('.li')?.getBoundingClientRect();
        const zero = svg.querySelector('.ze').getBoundingClientRect();
        const mark = [...svg.querySelectorAll('.go, .bx, .wa, .ac')].at(-1).getBoundingClientRect();
        return { limit: limit && limit.left, zero: zero.left, mark: (mark.left + mark.right) / 2 };
    };
    const forest = [...document.querySelectorAll('.forest')].flatMap((table) =>
        [...table.querySelectorAll('tbody tr:not(.o)')].map((row) => ({
            metric: table.caption.textContent,
            name: row.querySelector('bdi').title || row.querySelector('bdi').textContent,
            change: row.querySelector('.n').textContent,
            ...marks(row.querySelector('svg')),
        })));
    return {
        status: document.querySelector('.pill').textContent,
        head: document.querySelector('h1').textContent,
        rows: [...document.querySelectorAll('#rows tbody tr:not(.o)')].map((row) =>
            Object.fromEntries(cells(row).map((text, i) => [heads[i], text]))),
        forest,
        found: [...document.querySelectorAll('#broke .find > li')].length - 1,
    };
}

const UNITS = { us: 1e-3, ms: 1, s: 1e3, '%': 0.01, '/s': 1 };
const NAMES = {
    avg_response_time: 'average', error_rate: 'error rate', '95th_percentile': 'p95',
    '99th_percentile': 'p99', median_response_time: 'median', requests_per_second: 'requests per second',
};

// Whether a text is the figure, as far as its digits go.
function says(text, figure) {
    if (figure === undefined || text === undefined) return (text ?? '') === '' || text === '-';
    const [number, unit] = text.split(' ');
    const decimals = (number.split('.')[1] ?? '').length;
    return Math.abs(Number(number) - figure / UNITS[unit]) <= 0.5001 * 10 ** -decimals;
}

function compareRow(row, wanted, at) {
    const faults = [];
    const expect = (what, right) => {
        if (!right) faults.push(`row ${at}: the ${what} is not the document's`);
    };
    const percent = (ratio) => (ratio === undefined ? undefined : ratio - 1);
    expect('status', row.Status.endsWith(` ${wanted.status}`));
    expect('metric', row.Metric === NAMES[wanted.metric]);
    expect('base', says(row.Base, wanted.base));
    expect('candidate', says(row.Candidate, wanted.candidate));
    expect('change', says(row.Change, wanted.change_percent === undefined ? undefined : wanted.change_percent / 100));
    const [low, high] = (row['99 % interval'] ?? '').split(' to ');
    expect('interval', says(low ? `${low} %` : undefined, percent(wanted.interval_low)) &&
        says(high, percent(wanted.interval_high)));
    return faults;
}

function compareForest(page, verdict) {
    const faults = [];
    for (const line of page.forest) {
        const right = line.mark - line.zero;
        const change = Number(line.change.match(/[-+][\d.]+/)[0]);
        if (Math.abs(change) > 1 && Math.sign(right) !== Math.sign(change))
            faults.push(`${line.metric} of ${line.name}: the mark is on the wrong side of no change`);
        const row = verdict.rows.find((one) => NAMES[one.metric] === line.metric && one.against === undefined &&
            (one.endpoint === undefined ? 'overall' : `${one.method} ${one.endpoint}`) === line.name);
        if (!row || row.threshold === undefined || line.limit === undefined || row.status === 'accepted' || row.status === 'over_limit')
            continue;
        const beyond = row.metric === 'requests_per_second' ? line.mark < line.limit : line.mark > line.limit + 1;
        const breach = row.metric === 'requests_per_second' ? row.candidate * row.threshold < row.base
            : row.candidate > row.base * row.threshold;
        if (beyond !== breach && Math.abs(line.mark - line.limit) > 2)
            faults.push(`${line.metric} of ${line.name}: the mark is on the wrong side of what is allowed`);
    }
    return faults;
}

function compare(page, verdict) {
    const faults = [];
    const failed = verdict.rows.filter(({ status }) => status === 'regressed' || status === 'over_limit').length;
    if (!page.status.endsWith(` ${verdict.status}`)) faults.push(`the status is '${page.status}'`);
    if (!/[\u0000-\u001f\u202e]/.test(verdict.summary) && !page.head.endsWith(verdict.summary))
        faults.push(`the first sentence is '${page.head}'`);
    if (page.rows.length !== verdict.rows.length)
        faults.push(`${page.rows.length} rows are shown, the document has ${verdict.rows.length}`);
    if (Math.min(failed, 20) !== Math.max(page.found, 0))
        faults.push(`${page.found} rows are said to have broken, the document has ${failed}`);
    page.rows.forEach((row, i) => faults.push(...compareRow(row, verdict.rows[i] ?? {}, i + 1)));
    return [...faults, ...compareForest(page, verdict)];
}

const browser = await open();
try {
    const args = process.argv.slice(2);
    for (let i = 0; i < args.length; i++) {
        const url = pathToFileURL(resolve(args[i])).href;
        const verdict = args[i + 1]?.endsWith('.json') ? JSON.parse(readFileSync(args[i + 1], 'utf8')) : null;
        const say = (faults, how) => {
            for (const fault of faults) console.log(`${basename(args[i])} (${how}): ${fault}`);
        };
        await browser.show(url);
        for (const [width, dark] of [[390, false], [390, true], [1280, false]]) {
            await browser.look({ width, dark });
            const how = `${width} px${dark ? ', dark' : ''}`;
            if (width === 390) say(await browser.evaluate(lookAtContrast), how);
            if (!dark) say(await browser.evaluate(lookAtLayout), how);
        }
        if (verdict) say(compare(await browser.evaluate(readPage), verdict), 'the document');
        say(browser.complaints.map((text) => `the console says: ${text}`), 'console');
        i += verdict ? 1 : 0;
    }
} finally {
    await browser.close();
}

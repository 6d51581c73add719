// A headless Chromium, driven over a pipe with the DevTools protocol; no package besides node's own.
//
//     const browser = await open();
//     await browser.show(url);
//     await browser.look({ width: 390, dark: true });
//     await browser.evaluate(function_or_text);
//     await browser.close();
//
// One tab and few processes, because a busy machine starts neither in time.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PATIENCE_MS = 240_000; // of one answer, on a machine that is busy

export async function open() {
    const profile = mkdtempSync(join(tmpdir(), 'chromium-'));
    const child = spawn('chromium', [
        '--headless', '--no-sandbox', '--no-zygote', '--disable-gpu', '--in-process-gpu',
        '--renderer-process-limit=1', '--disable-dev-shm-usage', '--no-first-run',
        '--disable-background-networking', '--disable-component-update', '--disable-extensions',
        '--hide-scrollbars', '--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank',
    ], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    const [to, from] = [child.stdio[3], child.stdio[4]];
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const waiting = new Map();
    const listeners = new Set();
    let number = 0;
    let rest = Buffer.alloc(0);

    const receive = (text) => {
        const message = JSON.parse(text);
        if (!message.id) {
            for (const listener of listeners) listener(message);
            return;
        }
        const { resolve, reject } = waiting.get(message.id);
        waiting.delete(message.id);
        if (message.error) reject(new Error(message.error.message));
        else resolve(message.result);
    };
    const fail = (why) => {
        for (const { reject } of waiting.values()) reject(new Error(why));
        waiting.clear();
    };
    from.on('data', (bytes) => {
        rest = Buffer.concat([rest, bytes]);
        for (let end; (end = rest.indexOf(0)) >= 0; rest = rest.subarray(end + 1))
            receive(rest.toString('utf8', 0, end));
    });
    to.on('error', () => fail('chromium closed its pipe'));
    child.once('error', (error) => fail(`chromium does not start: ${error.message}`));
    child.once('exit', () => fail('chromium ended'));

    const send = (method, params = {}, sessionId = undefined) => new Promise((resolve, reject) => {
        const id = ++number;
        const timer = setTimeout(() => reject(new Error(`${method}: no answer`)), PATIENCE_MS);
        waiting.set(id, {
            resolve: (value) => (clearTimeout(timer), resolve(value)),
            reject: (error) => (clearTimeout(timer), reject(error)),
        });
        to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });

    const { targetInfos } = await send('Target.getTargets');
    const { targetId } = targetInfos.find(({ type }) => type === 'page');
    const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
    const ask = (method, params) => send(method, params, sessionId);
    const complaints = []; // what the console would show
    let loaded = () => {};
    listeners.add(({ method, params, sessionId: whose }) => {
        if (whose !== sessionId) return;
        if (method === 'Page.loadEventFired') loaded();
        if (method === 'Log.entryAdded') complaints.push(params.entry.text);
        if (method === 'Runtime.exceptionThrown') complaints.push(params.exceptionDetails.text);
        if (method === 'Runtime.consoleAPICalled') complaints.push(params.type);
    });
    for (const domain of ['Page', 'Log', 'Runtime']) await ask(`${domain}.enable`);

    // Loads a page; its complaints are collected from here on.
    const show = async (url) => {
        complaints.length = 0;
        const load = new Promise((resolve) => { loaded = resolve; });
        await ask('Page.navigate', { url });
        await Promise.race([load, new Promise((_, reject) => {
            setTimeout(() => reject(new Error(`${url} does not load`)), PATIENCE_MS).unref();
        })]);
    };
    let wide = 0;
    // How the page is looked at.
    const look = async ({ width, height = 900, dark = false, print = false }) => {
        wide = width;
        await ask('Emulation.setDeviceMetricsOverride',
            { width, height, deviceScaleFactor: 1, mobile: false });
        await ask('Emulation.setEmulatedMedia', {
            media: print ? 'print' : 'screen',
            features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }],
        });
    };
    const evaluate = async (what) => {
        const expression = typeof what === 'function' ? `(${what})()` : what;
        const answer = await ask('Runtime.evaluate', { expression, returnByValue: true });
        if (answer.exceptionDetails)
            throw new Error(answer.exceptionDetails.exception?.description ?? 'exception');
        return answer.result.value;
    };
    // A PNG of a part of the page.
    const picture = async (top, tall) => {
        const clip = { x: 0, y: top, width: wide, height: tall, scale: 1 };
        const { data } = await ask('Page.captureScreenshot',
            { format: 'png', captureBeyondViewport: true, clip });
        return Buffer.from(data, 'base64');
    };

    const close = async () => {
        await Promise.race([send('Browser.close').catch(() => {}), ended]);
        const late = setTimeout(() => child.kill('SIGKILL'), 5000);
        await ended;
        clearTimeout(late);
        rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    };
    return { show, look, evaluate, picture, complaints, close };
}

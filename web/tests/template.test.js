// The template in the repository: built from these sources, small, closed.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { template } from './page.js';

test('the template is what a build of these sources gives, byte for byte', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'palate-build-'));
  try {
    await build({
      configFile: fileURLToPath(new URL('../vite.config.js', import.meta.url)),
      build: { outDir: folder, emptyOutDir: true },
    });
    assert.deepEqual(readdirSync(folder), ['report.html']);
    assert.ok(
      readFileSync(join(folder, 'report.html')).equals(Buffer.from(template)),
      'run `npm run build` and commit web/template/report.html',
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the template is at most 150 KB gzipped', () => {
  const size = gzipSync(template, { level: 9 }).length;
  assert.ok(size <= 150 * 1024, `${size} bytes`);
});

test('the template has one place for the data, and it is empty', () => {
  const parts = template.split('<script type="application/json" id="palate-data">');
  assert.equal(parts.length, 2);
  assert.ok(parts[1].startsWith('</script>'));
});

test('the template names no other file', () => {
  const markup = template
    .replace(/<script type="module"[\s\S]*?<\/script>/, '')
    .replace(/<!--[\s\S]*?-->/g, '');
  assert.doesNotMatch(markup, /\bsrc=|@import|url\(|https?:/);
  assert.deepEqual(markup.match(/href="[^"]*"/g), ['href="data:,"']);
});

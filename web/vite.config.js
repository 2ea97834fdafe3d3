// Builds report.html and everything it needs into one file, template/report.html: no other file, no
// network.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';

const packageOf = (module) => module.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1];

// Adds the licences of the packages whose code is in the page, as those ask for.
function licences() {
  const packages = new Set();
  return {
    name: 'palate:licences',
    renderChunk(_code, chunk) {
      for (const module of Object.keys(chunk.modules)) packages.add(packageOf(module));
    },
    text: () =>
      [...packages]
        .filter(Boolean)
        .sort()
        .map((name) => {
          const folder = new URL(`node_modules/${name}/`, import.meta.url);
          const { version } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'));
          const licence = ['LICENSE', 'LICENSE.md']
            .map((file) => {
              try {
                return readFileSync(new URL(file, folder), 'utf8').trim();
              } catch {
                return '';
              }
            })
            .find(Boolean);
          if (!licence) throw new Error(`${name} has no licence file`);
          return `${name} ${version}\n\n${licence.replaceAll('--', '- -')}`;
        })
        .join('\n\n'),
  };
}

// Runs last, on the finished page. The browser is told to run this one script and to open no
// connection at all, so that even a mistake of ours in showing a title could not run it.
function seal(licencePlugin) {
  return {
    name: 'palate:seal',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const page = bundle['report.html'];
        const script = page.source.match(/<script type="module"[^>]*>([\s\S]*?)<\/script>/)[1];
        const hash = createHash('sha256').update(script).digest('base64');
        page.source = page.source
          .replace('sha256-SCRIPT', `sha256-${hash}`)
          .replace(
            '</html>',
            () => `</html>\n<!--\nThis page contains code of:\n\n${licencePlugin.text()}\n-->`,
          );
      },
    },
  };
}

const licencePlugin = licences();

export default defineConfig({
  root: import.meta.dirname,
  plugins: [
    // Class names from the style alone, not from the folder in which this is built.
    svelte({
      compilerOptions: { cssHash: ({ hash, css }) => `p${hash(css)}` },
      // The comparison never changes once the page is open; tables that turn into cards keep their
      // roles by saying them.
      onwarn: (warning, report) => {
        if (!['state_referenced_locally', 'a11y_no_redundant_roles'].includes(warning.code))
          report(warning);
      },
    }),
    licencePlugin,
    viteSingleFile(),
    seal(licencePlugin),
  ],
  build: { outDir: 'template', target: 'es2022', rolldownOptions: { input: 'report.html' } },
  logLevel: 'warn',
});

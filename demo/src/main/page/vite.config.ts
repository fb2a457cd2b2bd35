import { readFileSync } from 'node:fs';
import { defineConfig, type Plugin } from 'vite';

/** Puts the licence beside what is under it. */
const licences: Plugin = {
  name: 'licences',
  generateBundle() {
    this.emitFile({
      type: 'asset',
      fileName: 'uplot-licence.txt',
      source: readFileSync('node_modules/uplot/LICENSE'),
    });
  },
};

export default defineConfig({
  base: './',
  plugins: [licences],
  build: {
    outDir: process.env.PAGE_OUT ?? 'dist',
    emptyOutDir: true,
    target: ['chrome123', 'firefox120', 'safari17.5'],
    // The content security policy allows files of this server only: nothing is put inline.
    assetsInlineLimit: 0,
    modulePreload: false,
  },
});

import { byId } from './dom';

const STORED_AS = 'tidemark-theme';
const dark = matchMedia('(prefers-color-scheme: dark)');
const listeners: (() => void)[] = [];

type Theme = 'light' | 'dark';

function chosen(): Theme | null {
  const stored = localStorage.getItem(STORED_AS);
  return stored === 'light' || stored === 'dark' ? stored : null;
}

function current(): Theme {
  return chosen() ?? (dark.matches ? 'dark' : 'light');
}

function show(): void {
  const theme = current();
  document.documentElement.dataset['theme'] = theme;
  const toggle = byId('theme');
  const other = theme === 'dark' ? 'light' : 'dark';
  toggle.setAttribute('aria-label', `Switch to the ${other} theme`);
  toggle.title = `Switch to the ${other} theme`;
  for (const listener of listeners) {
    listener();
  }
}

/** What is drawn on a canvas has to be drawn anew when the theme changes. */
export function onTheme(listener: () => void): void {
  listeners.push(listener);
}

export function startTheme(): void {
  byId('theme').addEventListener('click', () => {
    localStorage.setItem(STORED_AS, current() === 'dark' ? 'light' : 'dark');
    show();
  });
  dark.addEventListener('change', show);
  show();
}

/** The value that a colour of the style sheet has in the theme of the moment. */
export function colour(name: string): string {
  const probe = byId('colour-probe');
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

import { at, setText } from './dom.js';

const stored = 'x2go-guardian-theme';

/** As the system has it, unless somebody chose. */
export function followTheme(): void {
  const button = at('theme', HTMLButtonElement);
  const prefersDark = matchMedia('(prefers-color-scheme: dark)');
  const show = () => {
    const theme = localStorage.getItem(stored) ?? (prefersDark.matches ? 'dark' : 'light');
    document.documentElement.dataset.theme = theme;
    setText(button, theme === 'dark' ? 'Light' : 'Dark');
  };
  button.addEventListener('click', () => {
    localStorage.setItem(stored, document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark');
    show();
  });
  prefersDark.addEventListener('change', show);
  show();
}

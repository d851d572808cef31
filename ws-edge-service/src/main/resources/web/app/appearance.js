/** The theme: what was wished for, what is shown, and the colours charts take from the style sheet. */

const WISHES = ['auto', 'dark', 'light'];
const system = matchMedia('(prefers-color-scheme: dark)');
export const appearance = new EventTarget();
export const stillness = matchMedia('(prefers-reduced-motion: reduce)');
let wish = WISHES.includes(stored()) ? stored() : 'auto';

export function themeWish() {
  return wish;
}

export function nextTheme() {
  wish = WISHES[(WISHES.indexOf(wish) + 1) % WISHES.length];
  try {
    localStorage.setItem('vedette.theme', wish);
  } catch {
    // Then the wish lasts as long as the page.
  }
  apply();
}

system.addEventListener('change', apply);

function apply() {
  const theme = wish === 'auto' ? (system.matches ? 'dark' : 'light') : wish;
  if (document.documentElement.dataset.theme !== theme) {
    document.documentElement.dataset.theme = theme;
    cached = null;
    appearance.dispatchEvent(new Event('change'));
  }
}

function stored() {
  try {
    return localStorage.getItem('vedette.theme');
  } catch {
    return null;
  }
}

let cached = null;

/** Colours of the present theme. */
export function colours() {
  if (!cached) {
    const style = getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue(name).trim();
    cached = {
      text: of('--text'),
      muted: of('--muted'),
      faint: of('--faint'),
      line: of('--line'),
      surface: of('--surface'),
      raised: of('--raised'),
      font: of('--font'),
      series: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => of('--series-' + n)),
    };
  }
  return cached;
}

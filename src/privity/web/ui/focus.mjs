/**
 * Where the focus goes when what had it is gone: to what stands nearest, never nowhere.
 *
 * Without that, whoever has keys alone begins again at the top of the page after each
 * dialog whose button is gone with it, and a screen reader falls silent. Screens that
 * know a better place take the focus themselves; this is for all others.
 */

/**
 * @typedef {{parent: Element, index: number}} Level
 * @typedef {{at: HTMLElement, over: Element | null, levels: Level[]}} Place
 *   `over`: what stands over the page, if it is in there; `levels`: from within outwards
 */

const OVER = 'dialog, .menu, .emoji-picker';
const FOCUSABLE = 'a[href], button, input, textarea, select, summary, [tabindex]:not(main)';
const UNSEEN = '[aria-hidden=true], [inert]';
/** What a part of the page is about, the first that it has. */
const HEARTS = ['[data-key=composer]', '[role=log]', 'h1[tabindex]', '[data-key=search]'];

/** Where it is or was last, and where it was before something opened over the page. */
let last = /** @type {Place | null} */ (null);
let below = /** @type {Place | null} */ (null);
let looks = 0;

/** Keep the focus from now on. */
export function beginFocus() {
  addEventListener('focusin', (event) => {
    if (event.target instanceof HTMLElement) remember(event.target);
  });
  addEventListener('focusout', lookSoon);
  new MutationObserver(changed).observe(document.body, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ['disabled', 'class'],
  });
}

/** @param {HTMLElement} at */
function remember(at) {
  const over = at.closest(OVER);
  if (over && last && !last.over) below = last;
  last = { at, over, levels: levelsOf(at) };
}

function changed() {
  if (last?.at.isConnected && document.activeElement === last.at) last.levels = levelsOf(last.at);
  else lookSoon();
}

/** Screens take the focus themselves once they are painted: look after them. */
function lookSoon() {
  cancelAnimationFrame(looks);
  looks = requestAnimationFrame(() => setTimeout(look));
}

function look() {
  // A screen that is being fetched looks after the focus when it is there.
  if (!isNowhere() || !last || document.querySelector('.main-pane > .waiting')) return;
  if (canHave(last.at)) {
    // Whoever clicks beside everything wants it nowhere.
    last = null;
    return;
  }
  const place = last.over && !last.over.isConnected ? below : last;
  if (place) nearest(place)?.focus();
}

function isNowhere() {
  const now = document.activeElement;
  return !now || now === document.body || now === document.documentElement;
}

/** @param {Place} place */
function nearest({ at, levels }) {
  if (canHave(at)) return at;
  for (const { parent, index } of levels) {
    if (!parent.isConnected) continue;
    const beside = [index, index + 1, index - 1].map((one) => parent.children[one]);
    const found = beside.map(bestIn).find((one) => one) ?? heartOf(parent);
    if (found) return found;
  }
  return null;
}

/** @param {Element | undefined} part */
function bestIn(part) {
  if (!part) return undefined;
  return titleOf(part) ?? heartOf(part) ?? [part, ...part.querySelectorAll(FOCUSABLE)].find(canHave);
}

/**
 * The title of one of many: its first button would do to it what was meant for another.
 * @param {Element} part
 */
function titleOf(part) {
  const title = part.matches('li') ? part.querySelector('h2, h3') : null;
  if (title instanceof HTMLElement) title.tabIndex = -1;
  return title && canHave(title) ? title : undefined;
}

/** @param {Element} part */
function heartOf(part) {
  return HEARTS.flatMap((one) => [...part.querySelectorAll(one)]).find(canHave);
}

/**
 * @param {Element} it
 * @returns {it is HTMLElement}
 */
function canHave(it) {
  const can = it instanceof HTMLElement && it.matches(FOCUSABLE) && !it.matches(':disabled');
  return can && it.isConnected && it.checkVisibility() && !it.closest(UNSEEN);
}

/**
 * The way from an element to the page, with its place in each.
 * @param {Element} at
 */
function levelsOf(at) {
  const levels = [];
  for (let it = at; it.parentElement && it !== document.body; it = it.parentElement) {
    levels.push({ parent: it.parentElement, index: [...it.parentElement.children].indexOf(it) });
  }
  return levels;
}

/**
 * Where one stands in a log: at its end, and then one stays there when something comes;
 * or at a message, and then that one stays where it is, whatever is added above it.
 */
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from '../html.mjs';
import { loadNewer, loadOlder, openLog } from '../state/logs.mjs';

/** @typedef {import('../state/log.mjs').Log} Log */

/** Pixels in front of an end at which more is asked for. */
const AHEAD = 900;
/** Pixels from the end that still count as being there. */
const NEAR = 48;

/**
 * @param {string} chat
 * @param {Log | null} log
 * @param {readonly unknown[]} pending
 */
export function useStanding(chat, log, pending) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const end = useRef(true);
  const anchor = useRef(/** @type {{key: string, top: number} | null} */ (null));
  const [atEnd, setAtEnd] = useState(true);

  const settle = useCallback(() => {
    const here = box.current;
    if (!here) return;
    if (end.current) here.scrollTop = here.scrollHeight;
    else if (anchor.current) hold(here, anchor.current);
  }, []);

  const more = useCallback(() => {
    const here = box.current;
    if (!here) return;
    if (here.scrollTop < AHEAD) loadOlder(chat);
    if (here.scrollHeight - here.scrollTop - here.clientHeight < AHEAD) loadNewer(chat);
  }, [chat]);

  const onScroll = useCallback(() => {
    const here = box.current;
    if (!here) return;
    const rest = here.scrollHeight - here.scrollTop - here.clientHeight;
    end.current = rest < NEAR && !here.querySelector('.log + .waiting');
    anchor.current = topmost(here);
    setAtEnd(end.current);
    more();
  }, [more]);

  useLayoutEffect(settle, [log?.messages, pending]);
  useEffect(more, [log, more]);
  useEffect(() => {
    const grown = new ResizeObserver(settle);
    for (const one of [box.current, list.current]) if (one) grown.observe(one);
    return () => grown.disconnect();
  }, [log === null]);

  const toEnd = useCallback(async () => {
    if (log?.newer) await openLog(chat);
    end.current = true;
    settle();
    setAtEnd(true);
  }, [chat, log?.newer]);

  const goTo = useCallback((/** @type {number} */ seq) => {
    end.current = false;
    requestAnimationFrame(() => show(box.current, seq));
  }, []);

  return { box, list, atEnd, onScroll, toEnd, goTo };
}

/**
 * Bring a message to the middle and the focus to it.
 * @param {HTMLElement | null} box
 * @param {number} seq
 */
function show(box, seq) {
  const row = box?.querySelector(`[data-seq="${seq}"]`);
  if (!(row instanceof HTMLElement)) return;
  row.scrollIntoView({ block: 'center' });
  row.focus({ preventScroll: true });
  row.classList.add('shown');
  setTimeout(() => row.classList.remove('shown'), 1600);
}

/**
 * The first row that is seen, and where it is.
 * @param {HTMLElement} box
 */
function topmost(box) {
  const rows = box.querySelectorAll('.log > li');
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = /** @type {HTMLElement} */ (rows[middle]);
    if (row.offsetTop + row.offsetHeight < box.scrollTop) low = middle + 1;
    else high = middle;
  }
  const row = /** @type {HTMLElement | undefined} */ (rows[low]);
  return row ? { key: row.dataset.key ?? '', top: row.offsetTop - box.scrollTop } : null;
}

/**
 * Scroll so that a row is where it was.
 * @param {HTMLElement} box
 * @param {{key: string, top: number}} anchor
 */
function hold(box, { key, top }) {
  const row = box.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (row instanceof HTMLElement) box.scrollTop = row.offsetTop - top;
}

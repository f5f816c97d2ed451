/** One screen over all others: a sheet, a viewer. */
import { signal } from '../html.mjs';

/** @type {import('@preact/signals').Signal<{name: string, props: any} | null>} */
export const overlay = signal(null);

/**
 * Open an overlay of `screens.mjs`; it is given `onClose` with its props.
 * @param {string} name
 * @param {object} [props]
 */
export function openOverlay(name, props = {}) {
  overlay.value = { name, props };
}

export function closeOverlay() {
  overlay.value = null;
}

/**
 * Links in a text, as the client has found and judged them. They are never fetched; a
 * click opens them in a tab that knows nothing of this one.
 */
import { html } from '../html.mjs';
import { knows, list, t } from '../i18n.mjs';
import { confirm } from '../parts/dialog.mjs';

/** @typedef {import('../types.mjs').Link} Found */

/** What is worth a word beside a link, but no question. */
const HARMLESS = new Set(['insecure', 'punycode', 'text_differs']);
const MOST_REASONS = 3;

/** @param {Found} props */
export function Link({ target, shown, host, warnings }) {
  const grave = warnings.filter((one) => !HARMLESS.has(one));
  const where = placeOf(target, host);
  const ask = async (/** @type {MouseEvent} */ event) => {
    if (!grave.length) return;
    event.preventDefault();
    const yes = await confirm({
      title: t('link.odd'),
      text: t('link.odd_why', { host: where, why: list(reasons(grave)) }),
      action: t('link.open'),
      danger: true,
    });
    if (yes) window.open(target, '_blank', 'noopener,noreferrer');
  };
  return html`<a
    href=${target}
    target="_blank"
    rel="noopener noreferrer nofollow"
    class=${grave.length ? 'odd' : ''}
    title=${where}
    onClick=${ask}
    ><bdi>${shown}</bdi></a
  >`;
}

/**
 * The host in letters, and as it is asked for where the two differ: letters can deceive.
 * @param {string} target
 * @param {string} host
 */
function placeOf(target, host) {
  const asked = URL.canParse(target) ? new URL(target).hostname : '';
  return host && asked && host !== asked ? `${host} (${asked})` : host || target;
}

/** @param {readonly string[]} warnings */
function reasons(warnings) {
  const said = warnings.map((one) => `link.${one}`).filter(knows);
  return said.slice(0, MOST_REASONS).map((key) => t(key));
}

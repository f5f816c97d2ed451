/** Messages that have the words of the search, below the chats that have them. */
import { html, useEffect, useRef, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { Name, calm } from '../parts/name.mjs';
import { Problem, Waiting } from '../parts/states.mjs';
import { hrefTo } from '../router.mjs';
import { call } from '../rpc.mjs';
import { isThere } from '../state/gone.mjs';
import { shortTime } from './short_time.mjs';

/**
 * @typedef {{
 *   message: string, chat: string, title: string, seq: number, time: number,
 *   sender: import('../types.mjs').Person, snippet: {text: string, found: boolean}[],
 * }} Hit
 * @typedef {{text: string, hits: readonly Hit[], next: string, failure: any}} Answer
 */

/** Who still types is not searched for yet. */
const PAUSE = 150;
const PAGE = 20;

/** @param {{text: string}} props */
export function Found({ text }) {
  const [answer, setAnswer] = useState(/** @type {Answer | null} */ (null));
  const newest = useRef('');
  const ask = async (/** @type {string} */ before) => {
    const earlier = before ? (answer?.hits ?? []) : [];
    newest.current = text;
    try {
      const { found, next } = await call('search', { text, limit: PAGE, before });
      if (newest.current === text) setAnswer({ text, hits: [...earlier, ...found], next, failure: null });
    } catch (failure) {
      if (newest.current === text) setAnswer({ text, hits: earlier, next: '', failure });
    }
  };
  useEffect(() => {
    const timer = setTimeout(() => ask(''), PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  if (!answer) return html`<${Waiting} />`;
  if (answer.failure) return html`<${Problem} failure=${answer.failure} retry=${() => ask('')} />`;
  return html`<section class="found" aria-label=${t('found.title')}>
    <h2>${t('found.title')}</h2>
    ${!answer.hits.length && answer.text === text && html`<p class="nothing">${t('found.none')}</p>`}
    <ul>
      ${answer.hits.filter(isThere).map((hit) => html`<${One} key=${hit.message} hit=${hit} />`)}
    </ul>
    ${answer.next && html`<${Button} kind="quiet" onClick=${() => ask(answer.next)}>${t('found.more')}<//>`}
  </section>`;
}

/** @param {{hit: Hit}} props */
function One({ hit }) {
  const who = hit.sender.trust === 'me' ? t('trust.me') : calm(hit.sender.name);
  return html`<li>
    <a class="chat-row hit" href=${hrefTo('chat', [hit.chat], { at: hit.seq })}>
      <span class="chat-words">
        <span class="chat-line">
          <${Name} text=${hit.title || t('chats.untitled')} />
          <time class="chat-time">${shortTime(hit.time)}</time>
        </span>
        <span class="snippet" dir="auto">
          ${t('found.by', { name: who })}${' '}
          ${hit.snippet.map(({ text, found }) => (found ? html`<mark>${text}</mark>` : text))}
        </span>
      </span>
    </a>
  </li>`;
}

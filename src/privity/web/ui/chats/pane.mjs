/** The list of chats: who wrote last, what is unread, who asks for a chat. */
import { html, useEffect, useRef, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Badge } from '../parts/badge.mjs';
import { ButtonLink, IconButton } from '../parts/button.mjs';
import { Icon } from '../parts/icon.mjs';
import { Empty, Waiting } from '../parts/states.mjs';
import { goTo, hrefTo, route } from '../router.mjs';
import { chats, loaded, requests } from '../state/world.mjs';
import { Connection } from './connection.mjs';
import { ChatMenu } from './chat_menu.mjs';
import { Expected, expected } from './expected.mjs';
import { Found } from './found.mjs';
import { archivedCount, inArchive, listed, stop, wanted } from './order.mjs';
import { OwnMenu } from './own_menu.mjs';
import { ChatRow } from './row.mjs';

/** Rows that are made at once: a thousand take longer than anybody reads them. */
const SOME = 50;

export function ChatsPane() {
  return html`<nav class="pane chats-pane" aria-label=${t('chats.title')}>
    <header class="bar">
      <${OwnMenu} />
      <h1>${inArchive.value ? t('chats.archive') : t('chats.title')}</h1>
      <${IconButton} icon="edit" label=${t('chats.new')} onClick=${() => goTo('new')} />
    </header>
    <${Connection} />
    <${SearchBox} />
    <div class="chats-scroll">
      ${!wanted.value && html`<${RequestsRow} />`}
      ${loaded.value ? html`<${List} />` : html`<${Waiting} />`}
      ${!wanted.value && !inArchive.value && html`<${Expected} />`}
      ${wanted.value.trim() && html`<${Found} text=${wanted.value.trim()} />`}
    </div>
    <${ChatMenu} />
  </nav>`;
}

function SearchBox() {
  const box = useRef(/** @type {HTMLInputElement | null} */ (null));
  const clear = () => {
    wanted.value = '';
    box.current?.focus();
  };
  const leave = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Escape') wanted.value = '';
    else if (event.key === 'ArrowDown') focusFirst();
    else if (event.key === 'Enter' && listed.value.length) goTo('chat', [listed.value[0].chat]);
    else return;
    event.preventDefault();
  };
  return html`<search class="search-box">
    <${Icon} name="search" />
    <input
      ref=${box}
      type="search"
      dir="auto"
      data-key="search"
      placeholder=${t('chats.search')}
      aria-label=${t('chats.search')}
      value=${wanted.value}
      autocomplete="off"
      spellcheck="false"
      onInput=${(/** @type {any} */ event) => (wanted.value = event.target.value)}
      onKeyDown=${leave}
    />
    ${wanted.value &&
    html`<${IconButton} icon="close" class="small" label=${t('chats.clear')} onClick=${clear} />`}
  </search>`;
}

function RequestsRow() {
  const count = requests.value.length;
  if (!count) return null;
  const here = ['requests', 'request'].includes(route.value.name);
  return html`<a
    class="chat-row requests-row"
    href=${hrefTo('requests')}
    aria-current=${here ? 'page' : undefined}
    aria-label=${t('chats.requests_count', { count })}
  >
    <span class="avatar normal plain" aria-hidden="true"><${Icon} name="request" /></span>
    <span class="chat-words">
      <span class="chat-line"><span class="name">${t('chats.requests')}</span></span>
      <span class="chat-line"><span class="preview">${t('chats.requests_hint')}</span></span>
    </span>
    <${Badge} count=${count} />
  </a>`;
}

function List() {
  const shown = listed.value;
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const here = route.value.name === 'chat' ? route.value.parts[0] : '';
  useEffect(() => {
    if (here) stop.value = here;
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }, [here]);
  const [most, end] = useMost(shown, here);
  if (!shown.length) return html`<${Nothing} />`;
  return html`
    <ul ref=${list} class="chat-list" onKeyDown=${walk}>
      ${shown.slice(0, most).map(
        (chat) => html`<${ChatRow} key=${chat.chat} id=${chat.chat} here=${chat.chat === here} />`,
      )}
    </ul>
    <div ref=${end}></div>
    <${ArchiveDoor} />
  `;
}

/**
 * How many rows there are: more as one comes near their end, and always the open chat's.
 * @param {readonly import('../types.mjs').Chat[]} shown
 * @param {string} here the open chat
 * @returns {[number, {current: HTMLElement | null}]} and what to put behind the rows
 */
function useMost(shown, here) {
  const [most, setMost] = useState(SOME);
  const end = useRef(/** @type {HTMLElement | null} */ (null));
  const isAll = most >= shown.length;
  useEffect(() => {
    const last = end.current;
    if (!last || isAll) return undefined;
    const near = new IntersectionObserver(
      (seen) => seen.some((one) => one.isIntersecting) && setMost(most + SOME),
      { root: last.closest('.chats-scroll'), rootMargin: '1000px' },
    );
    near.observe(last);
    return () => near.disconnect();
  }, [most, isAll]);
  return [Math.max(most, shown.findIndex((chat) => chat.chat === here) + 1), end];
}

function Nothing() {
  if (wanted.value) return null;
  if (inArchive.value) return html`<${ArchiveDoor} />`;
  if (chats.value.size) return html`<${ArchiveDoor} />`;
  if (expected.value.length) return null;
  return html`<${Empty} icon="chat" title=${t('chats.empty')} text=${t('chats.empty_hint')}>
    <${ButtonLink} kind="primary" icon="add" href=${hrefTo('new')}>${t('chats.new')}<//>
  <//>`;
}

/** The way into the archive, and out of it. */
function ArchiveDoor() {
  const count = archivedCount.value;
  if (wanted.value || (!count && !inArchive.value)) return null;
  const turn = () => (inArchive.value = !inArchive.value);
  return html`<button type="button" class="archive-door" onClick=${turn}>
    <${Icon} name=${inArchive.value ? 'back' : 'archive'} />
    <span>${inArchive.value ? t('chats.title') : t('chats.archived', { count })}</span>
  </button>`;
}

/** @param {KeyboardEvent} event */
function walk(event) {
  const rows = [...document.querySelectorAll('.chat-list a')];
  const here = rows.indexOf(/** @type {any} */ (document.activeElement));
  const steps = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: rows.length - 1 };
  const next = rows[steps[/** @type {keyof typeof steps} */ (event.key)]];
  if (event.altKey || here < 0 || !(next instanceof HTMLElement)) return;
  next.focus();
  event.preventDefault();
}

function focusFirst() {
  /** @type {HTMLElement | null} */ (document.querySelector('.chat-list a'))?.focus();
}

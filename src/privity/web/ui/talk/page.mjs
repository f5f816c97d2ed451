/** A conversation: who it is with, what was said, and where to say more. */
import { html, useEffect, useSignalEffect, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Waiting } from '../parts/states.mjs';
import { Empty } from '../parts/states.mjs';
import { calm } from '../parts/name.mjs';
import { titleOf } from '../chats/title.mjs';
import { bringBack, letGo } from '../state/feed.mjs';
import { isThere } from '../state/gone.mjs';
import { markRead } from '../state/logs.mjs';
import { chats, loaded } from '../state/world.mjs';
import { Banners } from './banners.mjs';
import { Composer } from './composer.mjs';
import { DropZone } from './drop.mjs';
import { Head } from './head.mjs';
import { Log } from './log_view.mjs';
import { Typists } from './typists.mjs';
import { talkOf } from './talk_state.mjs';

/** @param {{parts: readonly string[], query: Record<string, string>}} props */
export function Talk({ parts, query }) {
  const chat = chats.value.get(parts[0]);
  const missing = loaded.value && !chat;
  const [gone, setGone] = useState(false);
  useEffect(() => {
    // The list leaves out a chat that was deleted and can be written in again, and empty notes.
    setGone(false);
    if (missing) bringBack(parts[0] ?? '').catch(() => setGone(true));
  }, [missing, parts[0]]);
  useEffect(() => () => letGo(parts[0] ?? ''), [parts[0]]);
  if (!chat && !gone) return html`<${Waiting} />`;
  if (!chat) return html`<${Empty} icon="chat" title=${t('talk.gone')} />`;
  return html`<${Conversation} key=${chat.chat} id=${chat.chat} at=${Number(query.at ?? 0)} />`;
}

/** To where one writes, or reads where nothing can be written. */
function goOn() {
  const box = document.querySelector('[data-key=composer]') ?? document.querySelector('.talk [role=log]');
  if (box instanceof HTMLElement) box.focus();
}

/**
 * Whoever opens a chat goes on there; a touch would bring up a keyboard over it, though,
 * and who looks for a message is led to that one.
 * @param {number} at
 */
function takeFocus(at) {
  if (at || !matchMedia('(pointer: fine)').matches) return;
  const now = document.activeElement;
  const came = !now || now === document.body || now.closest('.chats-pane, .main-pane');
  if (came && !document.querySelector('dialog[open]')) goOn();
}

/** @param {{id: string, at: number}} props */
function Conversation({ id, at }) {
  const chat = chats.value.get(id);
  const talk = talkOf(id);
  for (const one of [talk.replyTo, talk.editing]) {
    useSignalEffect(() => {
      if (one.value && !isThere(one.value)) one.value = null;
    });
  }
  useEffect(() => takeFocus(at), [at]);
  useEffect(() => {
    // What was marked to be looked at is looked at now.
    if (chat?.marks.unread) markRead(id, 0).catch(() => {});
  }, []);
  if (!chat) return null;
  return html`<section class="talk" aria-label=${t('talk.with', { name: calm(titleOf(chat)) })}>
    <${Head} chat=${chat} />
    <${Banners} chat=${chat} />
    <${DropZone} chat=${chat} talk=${talk}>
      <${Log} chat=${chat} talk=${talk} at=${at} />
      <${Typists} chat=${chat} />
      <${Composer} chat=${chat} talk=${talk} />
    <//>
  </section>`;
}

/** Where one writes: a text, files with a look before they leave, an answer, a change. */
import { html, useEffect, useLayoutEffect, useRef, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { isNote, titleOf } from '../chats/title.mjs';
import { recording } from '../media/recorder.mjs';
import { VoiceBar, VoiceButton } from '../media/voice_bar.mjs';
import { IconButton } from '../parts/button.mjs';
import { calm } from '../parts/name.mjs';
import { toastFailure } from '../parts/toast.mjs';
import { call } from '../rpc.mjs';
import { dropDraft, keepDraft, wholeDraft } from '../state/drafts.mjs';
import { logOf, refreshMessage } from '../state/logs.mjs';
import { prefs } from '../state/prefs.mjs';
import { useCompletion } from './completion.mjs';
import { ComposerBar } from './composer_bar.mjs';
import { EmojiPicker } from './emoji_picker.mjs';
import { sendFiles, sendText } from './outbox.mjs';
import { OnceButton, OnceChip } from './once.mjs';
import { addFiles, beginEdit } from './talk_state.mjs';
import { Closed } from './closed.mjs';
import { Tray, asIs } from './tray.mjs';

/** @typedef {import('../types.mjs').Chat} Chat */
/** @typedef {import('./talk_state.mjs').TalkState} TalkState */

/** Characters that one message may have. */
const LONGEST = 16 * 1024;
const TELL_TYPING = 3000;

/** @param {{chat: Chat, talk: TalkState}} props */
export function Composer({ chat, talk }) {
  if (chat.status !== 'active') return null;
  if (chat.blocked) return html`<${Closed} chat=${chat} />`;
  return html`<form class="composer" autocomplete="off" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
    <${ComposerBar} talk=${talk} />
    <${Tray} talk=${talk} />
    <${OnceChip} talk=${talk} />
    <${Writing} chat=${chat} talk=${talk} />
  </form>`;
}

/** @param {{chat: Chat, talk: TalkState}} props */
function Writing({ chat, talk }) {
  const area = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const [text, setText] = useText(chat, talk);
  const editing = talk.editing.value;
  const files = talk.files.value;
  const note = isNote(chat);
  const ready = Boolean(text.trim() || files.length) && text.length <= LONGEST;
  useLayoutEffect(() => grow(area.current), [text]);
  const send = () => {
    if (!ready) return;
    const replyTo = talk.replyTo.value?.message ?? '';
    const words = text.trim();
    const expires = talk.expires.value;
    if (editing) saveEdit(editing, words);
    else if (files.length) sendFiles(chat.chat, files.map((one) => one.file), { text: words, replyTo, asIs: asIs.value, expires });
    else sendText(chat.chat, words, replyTo, expires);
    clear(talk);
    if (!editing) dropDraft(chat.chat);
    setText('');
  };
  const press = () => {
    // Nothing is left to send, so the button would lose the focus.
    area.current?.focus();
    send();
  };
  const naming = useCompletion(chat, area, text, setText);
  const onInput = (/** @type {any} */ event) => {
    setText(event.target.value);
    if (!editing && event.target.value) tellTyping(chat.chat);
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing || event.keyCode === 229 || naming.onKey(event)) return;
    const wants = event.key === 'Enter' && !event.shiftKey && !event.altKey;
    if (wants && (prefs.value.enterSends || event.ctrlKey || event.metaKey)) send();
    else if (event.key === 'ArrowUp' && !text && !editing) editLast(chat, talk);
    else if (event.key === 'Escape' && (editing || talk.replyTo.value)) stop(talk, setText);
    else return;
    event.preventDefault();
  };
  const onPaste = (/** @type {ClipboardEvent} */ event) => {
    const pasted = event.clipboardData?.files;
    if (!pasted?.length || editing || note) return;
    event.preventDefault();
    addFiles(talk, pasted);
  };
  const insert = (/** @type {string} */ words) => insertAt(area.current, words, setText);
  const speak = async (/** @type {File} */ file) => {
    const replyTo = talk.replyTo.value?.message ?? '';
    const expires = talk.expires.value;
    clear(talk);
    await sendFiles(chat.chat, [file], { text: '', replyTo, asIs: true, expires });
  };
  const name = calm(titleOf(chat));
  if (recording.value) {
    return html`<div class="writing"><${VoiceBar} onDone=${speak} /></div>`;
  }
  return html`<div class="writing">
    ${!editing && !note && html`<${Attach} talk=${talk} />`}
    <div class="write-box">
      ${naming.list}
      <textarea
        ref=${area}
        data-key="composer"
        dir="auto"
        autocomplete="off"
        rows="1"
        maxlength=${LONGEST}
        ...${naming.spoken}
        aria-label=${t('compose.to', { name })}
        placeholder=${t('compose.placeholder')}
        value=${text}
        onInput=${onInput}
        onKeyDown=${onKeyDown}
        onPaste=${onPaste}
      />
      ${!editing && !note && html`<${OnceButton} chat=${chat} talk=${talk} />`}
      <${EmojiButton} onPick=${insert} />
    </div>
    ${!editing && !ready && !note && html`<${VoiceButton} />`}
    <${IconButton}
      icon=${editing ? 'check' : 'send'}
      class="send"
      label=${editing ? t('compose.save') : t('compose.send')}
      disabled=${!ready}
      onClick=${press}
    />
  </div>`;
}

/**
 * The text in the box: the draft of the chat, or the message that is changed.
 * @param {Chat} chat
 * @param {TalkState} talk
 * @returns {[string, (text: string) => void]}
 */
function useText(chat, talk) {
  const [text, setText] = useState('');
  const editing = talk.editing.value;
  const replyTo = talk.replyTo.value?.message ?? '';
  const latest = useRef({ text, replyTo, touched: false });
  latest.current = { ...latest.current, text, replyTo };
  const write = (/** @type {string} */ words) => {
    latest.current.touched = true;
    setText(words);
  };
  const restore = async () => {
    const draft = await wholeDraft(chat).catch(() => null);
    // Who was quicker than the client keeps what they typed.
    if (!draft || latest.current.touched) return;
    setText(draft.text);
    const answered = logOf(chat.chat).peek().log?.messages.find((one) => one.message === draft.replyTo);
    if (answered) talk.replyTo.value = answered;
  };
  // Who leaves within the pause keeps what was written as well. The first of the effects,
  // since the next one's end forgets that the box was touched.
  useEffect(
    () => () => {
      if (!talk.editing.peek() && latest.current.touched) keepDraft(chat.chat, latest.current);
    },
    [],
  );
  useEffect(() => {
    if (editing) setText(editing.text);
    else restore();
    return () => {
      latest.current.touched = false;
    };
  }, [editing]);
  useEffect(() => {
    if (editing || !latest.current.touched) return undefined;
    const timer = setTimeout(() => keepDraft(chat.chat, { text, replyTo }), 500);
    return () => clearTimeout(timer);
  }, [text, replyTo, editing]);
  return [text, write];
}

/** @param {{talk: TalkState}} props */
function Attach({ talk }) {
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  const take = () => {
    const here = input.current;
    if (!here) return;
    addFiles(talk, here.files ?? []);
    here.value = '';
  };
  return html`
    <${IconButton} icon="attach" label=${t('compose.attach')} onClick=${() => input.current?.click()} />
    <input ref=${input} class="hidden" type="file" multiple tabindex="-1" aria-hidden="true" onChange=${take} />
  `;
}

/** @param {{onPick: (emoji: string) => void}} props */
function EmojiButton({ onPick }) {
  const [at, setAt] = useState(/** @type {{x: number, y: number} | null} */ (null));
  const open = (/** @type {any} */ event) => {
    const box = event.currentTarget.getBoundingClientRect();
    setAt({ x: box.right, y: box.top - 400 });
  };
  return html`
    <${IconButton} icon="emoji" class="small" label=${t('compose.emoji')} aria-haspopup="dialog" onClick=${open} />
    ${at && html`<${EmojiPicker} at=${at} stay onPick=${onPick} onClose=${() => setAt(null)} />`}
  `;
}

/** @type {Map<string, number>} */
const told = new Map();

/** @param {string} chat */
function tellTyping(chat) {
  if (Date.now() - (told.get(chat) ?? 0) < TELL_TYPING) return;
  told.set(chat, Date.now());
  call('compose', { chat }).catch(() => {});
}

/**
 * @param {import('../types.mjs').Message} message
 * @param {string} text
 */
async function saveEdit(message, text) {
  if (!text || text === message.text) return;
  try {
    await call('edit', { chat: message.chat, message: message.message, text, wait: 0 });
    await refreshMessage(message);
  } catch (error) {
    toastFailure(error);
  }
}

/**
 * @param {Chat} chat
 * @param {TalkState} talk
 */
function editLast(chat, talk) {
  const mine = logOf(chat.chat).value.log?.messages.findLast(
    (one) => one.sender.trust === 'me' && one.kind === 'text' && one.state !== 'failed',
  );
  if (mine) beginEdit(talk, mine);
}

/** @param {TalkState} talk */
function clear(talk) {
  talk.replyTo.value = null;
  talk.editing.value = null;
  talk.files.value = [];
  talk.expires.value = null;
}

/**
 * @param {TalkState} talk
 * @param {(text: string) => void} setText
 */
function stop(talk, setText) {
  if (talk.editing.value) setText('');
  talk.editing.value = null;
  talk.replyTo.value = null;
}

/**
 * @param {HTMLTextAreaElement | null} area
 * @param {string} words
 * @param {(text: string) => void} setText
 */
function insertAt(area, words, setText) {
  if (!area) return;
  area.setRangeText(words, area.selectionStart, area.selectionEnd, 'end');
  setText(area.value);
}

/** As high as its text, for browsers that do not do so themselves. @param {HTMLTextAreaElement | null} area */
function grow(area) {
  if (!area || CSS.supports('field-sizing', 'content')) return;
  area.style.height = 'auto';
  area.style.height = `${area.scrollHeight}px`;
}

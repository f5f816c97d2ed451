/** What was said, in a window that stays where one reads while it grows on both sides. */
import { html, useEffect, useMemo, useRef, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Badge } from '../parts/badge.mjs';
import { IconButton } from '../parts/button.mjs';
import { Problem, Waiting } from '../parts/states.mjs';
import { lastSeq } from '../state/log.mjs';
import { loadNewer, loadOlder, logOf, markRead, openLog } from '../state/logs.mjs';
import { Beginning } from './beginning.mjs';
import { Bubble } from './bubble.mjs';
import { DayRow, FoldedRow, LineRow, NewRow } from './log_rows.mjs';
import { MessageMenu } from './message_menu.mjs';
import { pendingOf } from './outbox.mjs';
import { PendingBubble } from './pending_bubble.mjs';
import { rowsOf } from './rows.mjs';
import { useStanding } from './standing.mjs';
import { walkLog } from './walk.mjs';

/** @typedef {import('../types.mjs').Chat} Chat */

/** @param {{chat: Chat, talk: import('./talk_state.mjs').TalkState, at: number}} props */
export function Log({ chat, talk, at }) {
  const { log, busy, failure } = logOf(chat.chat).value;
  const [mark, setMark] = useState(-2);
  const pending = pendingOf(chat.chat).value;
  const stand = useStanding(chat.chat, log, pending);
  useEffect(() => {
    if (!log || log.newer || at) openLog(chat.chat, at).then(() => at && stand.goTo(at));
  }, [chat.chat, at]);
  useEffect(() => {
    // What is new is marked once, as it was when the chat was opened.
    if (log && mark === -2) setMark(chat.unread ? log.readUpto : -1);
  }, [log !== null]);
  useSeen(chat, log, stand.atEnd);
  const rows = useMemo(() => rowsOf(log?.messages ?? [], mark === -2 ? -1 : mark), [log?.messages, mark]);
  if (!log) {
    if (failure) return html`<div class="log-scroll"><${Problem} failure=${failure} retry=${() => openLog(chat.chat)} /></div>`;
    return html`<div class="log-scroll"><${Waiting} /></div>`;
  }
  return html`<div class="log-frame">
    <div
      class="log-scroll"
      ref=${stand.box}
      onScroll=${stand.onScroll}
      role="log"
      tabindex="0"
      aria-label=${t('talk.messages')}
      aria-busy=${busy ? 'true' : 'false'}
      onKeyDown=${walkLog}
    >
      ${log.older ? html`<${Waiting} label=${t('talk.older')} />` : html`<${Beginning} chat=${chat} />`}
      ${failure && html`<${Problem} failure=${failure} retry=${() => loadOlder(chat.chat)} />`}
      <ul class="log" ref=${stand.list}>
        ${rows.map((row) => html`<${RowOf} key=${row.key} row=${row} chat=${chat} talk=${talk} />`)}
        ${!log.newer && pending.map((one) => html`<${PendingBubble} key=${one.id} pending=${one} />`)}
      </ul>
      ${log.newer && html`<${Waiting} label=${t('talk.newer')} />`}
    </div>
    <${ToNewest} chat=${chat} stand=${stand} />
    <${MessageMenu} chat=${chat} talk=${talk} />
  </div>`;
}

/** @param {{row: import('./rows.mjs').Row, chat: Chat, talk: any}} props */
function RowOf({ row, chat, talk }) {
  switch (row.kind) {
    case 'day':
      return html`<${DayRow} time=${row.time} />`;
    case 'new':
      return html`<${NewRow} />`;
    case 'line':
      return html`<${LineRow} message=${row.message} />`;
    case 'folded':
      return html`<${FoldedRow} messages=${row.messages} talk=${talk} />`;
    default:
      return html`<${Bubble} message=${row.message} first=${row.first} last=${row.last} group=${chat.kind === 'group'} talk=${talk} />`;
  }
}

/** @param {{chat: Chat, stand: ReturnType<typeof useStanding>}} props */
function ToNewest({ chat, stand }) {
  if (stand.atEnd) return null;
  const go = () => stand.toEnd();
  const label = chat.unread ? t('talk.newest_unread', { count: chat.unread }) : t('talk.newest');
  return html`<div class="to-newest">
    <${IconButton} icon="down" label=${label} onClick=${go} />
    <${Badge} count=${chat.unread} />
  </div>`;
}

/**
 * Say that what is at the end of the log was seen, while somebody looks at it.
 * @param {Chat} chat
 * @param {import('../state/log.mjs').Log | null} log
 * @param {boolean} atEnd
 */
function useSeen(chat, log, atEnd) {
  const told = useRef(0);
  useEffect(() => {
    const look = () => {
      const looks = document.visibilityState === 'visible' && document.hasFocus();
      const seq = log && !log.newer ? lastSeq(log) : 0;
      if (!looks || !atEnd || !seq) return;
      if (seq <= told.current && !chat.unread) return;
      told.current = seq;
      if (log && (seq > log.readUpto || chat.unread)) markRead(chat.chat, seq).catch(() => {});
    };
    look();
    addEventListener('focus', look);
    document.addEventListener('visibilitychange', look);
    return () => {
      removeEventListener('focus', look);
      document.removeEventListener('visibilitychange', look);
    };
  }, [log, atEnd, chat.unread]);
}

/** What happens beside the screens when the client's phase changes or something arrives. */
import { effect, untracked } from '../html.mjs';
import { t } from '../i18n.mjs';
import { forgetAll } from '../media/held.mjs';
import { answerNo } from '../parts/dialog.mjs';
import { clearToasts } from '../parts/toast.mjs';
import { forgetFaces } from '../people/faces.mjs';
import { link } from '../rpc.mjs';
import { closeOverlay } from '../shell/overlay.mjs';
import { forgetDrafts } from './drafts.mjs';
import { gone } from './gone.mjs';
import { forgetLogs } from './logs.mjs';
import { prefs, syncPrefs } from './prefs.mjs';
import { loaded, phase, unreadTotal } from './world.mjs';

/** Follow from now on. */
export function beginFollowing() {
  effect(() => {
    const now = phase.value?.phase;
    if (now) untracked(() => syncPrefs(now !== 'new'));
  });
  effect(() => {
    if (phase.value?.phase !== 'open' || link.value === 'over') untracked(clearAway);
  });
  let before = Infinity;
  effect(() => {
    const now = loaded.value ? unreadTotal.value : Infinity;
    if (now > before) untracked(notify);
    before = now;
  });
}

/** The profile was closed: nothing of it stays on the screen or in this tab. */
function clearAway() {
  closeOverlay();
  answerNo();
  clearToasts();
  forgetLogs();
  forgetDrafts();
  forgetAll();
  forgetFaces();
  gone.value = new Set();
}

/** "New message" and nothing else: other people see screens too, and so do other programs. */
function notify() {
  const wanted = prefs.value.notifications && !document.hasFocus();
  if (!wanted || Notification.permission !== 'granted') return;
  const told = new Notification(t('notice.new_message'), { tag: 'privity', silent: false });
  told.addEventListener('click', () => {
    window.focus();
    told.close();
  });
}

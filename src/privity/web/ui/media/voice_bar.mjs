/** The composer while a voice message is recorded: its length, its loudness, stop, send. */
import { html, useEffect, useRef, useState } from '../html.mjs';
import { duration, t } from '../i18n.mjs';
import { Button, IconButton } from '../parts/button.mjs';
import { toastFailure } from '../parts/toast.mjs';
import { call } from '../rpc.mjs';
import { canRecord, discardRecording, finishRecording, recording, startRecording } from './recorder.mjs';

/** Seconds; far less than the shortest time after which an idle window locks itself. */
const STIR = 20;

/** Begins a recording. @param {{disabled?: boolean}} props */
export function VoiceButton({ disabled = false }) {
  const here = useRef(false);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);
  if (!canRecord()) return null;
  const begin = async () => {
    try {
      // Who went to another chat meanwhile does not speak there.
      await startRecording(() => here.current);
    } catch (error) {
      toastFailure({ code: /** @type {any} */ (error)?.name === 'NotFoundError' ? 'no_microphone' : 'microphone_refused' });
    }
  };
  return html`<${IconButton} icon="mic" label=${t('voice.record')} disabled=${disabled} onClick=${begin} />`;
}

/**
 * Shown in place of the composer's line while `recording.value` is not null.
 * @param {{onDone: (file: File) => Promise<void> | void}} props
 */
export function VoiceBar({ onDone }) {
  const [busy, setBusy] = useState(false);
  const bar = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    [...(bar.current?.querySelectorAll('button') ?? [])].at(-1)?.focus();
    return discardRecording;
  }, []);
  // Who speaks touches nothing: any call tells the client that the window is in use.
  const stirred = Math.floor((recording.value?.seconds ?? 0) / STIR);
  useEffect(() => void call('ui.prefs').catch(() => null), [stirred]);
  if (recording.value === null) return null;
  const { seconds, level } = recording.value;
  const send = async () => {
    setBusy(true);
    const file = await finishRecording();
    if (file) await onDone(file);
    setBusy(false);
  };
  const keys = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Escape') discardRecording();
  };
  return html`<div ref=${bar} class="voice-bar" role="group" aria-label=${t('voice.recording')} onKeyDown=${keys}>
    <${IconButton} icon="trash" label=${t('voice.discard')} onClick=${discardRecording} />
    <span class="voice-dot" aria-hidden="true" />
    <span class="voice-time" role="timer">${duration(seconds)}</span>
    <meter class="voice-level" min="0" max="1" value=${level} aria-label=${t('voice.level')} />
    <${Button} kind="primary" icon="send" busy=${busy} onClick=${send}>${t('voice.send')}<//>
  </div>`;
}

/**
 * Recording a voice message.
 *
 * The microphone is asked for when the button is pressed and given back at the end.
 * What was said stays in memory until it is sent or thrown away.
 */
import { signal } from '../html.mjs';

/** @typedef {{seconds: number, level: number}} Recording */

/** The recording under way, or null. */
export const recording = signal(/** @type {Recording | null} */ (null));

const TYPES = ['audio/ogg;codecs=opus', 'audio/webm;codecs=opus', 'audio/mp4'];
const BITS_PER_SECOND = 32_000;
const TICK = 100;
/** Longer ones are files, not messages. */
export const LONGEST = 15 * 60;

/** @type {{recorder: MediaRecorder, chunks: Blob[], stop: () => void} | null} */
let current = null;
/** Whether somebody is asked for the microphone just now. */
let asking = false;

/** Whether this browser can record at all. */
export function canRecord() {
  return 'mediaDevices' in navigator && 'MediaRecorder' in globalThis && typeOf() !== undefined;
}

/**
 * Begin; raises DOMException if the microphone is refused or missing.
 * @param {() => boolean} isWanted asked again once the microphone was allowed
 */
export async function startRecording(isWanted) {
  if (current || asking) return;
  asking = true;
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    try {
      if (isWanted()) record(stream);
    } finally {
      if (current === null) turnOff(stream);
    }
  } finally {
    asking = false;
  }
}

/** @param {MediaStream} stream */
function record(stream) {
  const recorder = new MediaRecorder(stream, {
    mimeType: typeOf(),
    audioBitsPerSecond: BITS_PER_SECOND,
  });
  const chunks = /** @type {Blob[]} */ ([]);
  recorder.addEventListener('dataavailable', ({ data }) => chunks.push(data));
  const meter = measure(stream);
  const stop = () => {
    meter();
    turnOff(stream);
  };
  // By itself it ends after the longest time, or when the microphone is pulled out.
  recorder.addEventListener('stop', stop);
  current = { recorder, chunks, stop };
  recorder.start(1000);
}

/**
 * End it and take what was said.
 * @returns {Promise<File | null>}
 */
export async function finishRecording() {
  if (!current) return null;
  const { recorder, chunks } = current;
  if (recorder.state !== 'inactive') {
    const over = new Promise((resolve) => recorder.addEventListener('stop', resolve));
    recorder.stop();
    await over;
  }
  discardRecording();
  const type = recorder.mimeType.split(';', 1)[0];
  // By the ending the client knows the type: "webm" would be a film.
  const ending = { 'audio/ogg': 'ogg', 'audio/webm': 'weba', 'audio/mp4': 'm4a' }[type];
  return new File(chunks, `voice.${ending}`, { type });
}

/** End it and forget what was said. */
export function discardRecording() {
  if (current && current.recorder.state !== 'inactive') current.recorder.stop();
  current?.stop();
  current = null;
  recording.value = null;
}

/** @param {MediaStream} stream */
function measure(stream) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(stream).connect(analyser);
  const wave = new Uint8Array(analyser.fftSize);
  const start = performance.now();
  recording.value = { seconds: 0, level: 0 };
  const timer = setInterval(() => {
    analyser.getByteTimeDomainData(wave);
    const level = Math.max(...wave.map((value) => Math.abs(value - 128))) / 128;
    const seconds = (performance.now() - start) / 1000;
    recording.value = { seconds, level };
    if (seconds >= LONGEST && current?.recorder.state === 'recording') current.recorder.stop();
  }, TICK);
  return () => {
    clearInterval(timer);
    if (context.state !== 'closed') context.close();
  };
}

/** @param {MediaStream} stream */
function turnOff(stream) {
  for (const track of stream.getTracks()) track.stop();
}

function typeOf() {
  return TYPES.find((type) => MediaRecorder.isTypeSupported(type));
}

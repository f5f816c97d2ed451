/**
 * Calls to the client: JSON-RPC 2.0 over one WebSocket, as docs/spec/command-line.md
 * has it ("The socket"). It comes back by itself after the connection was lost; calls
 * that were under way then fail with `lost`, since nobody knows whether they were done.
 */
import { signal } from './html.mjs';
import { isFromClient, keptSession } from './session.mjs';

/**
 * @typedef {{code: string, message: string, next: string}} Told
 * @typedef {{name: string, done: number, total: number}} Progress
 * @typedef {{
 *   onProgress?: (progress: Progress) => void,
 *   onItem?: (item: any) => void,
 *   signal?: AbortSignal,
 * }} Hearing
 * @typedef {Hearing & {
 *   resolve: (result: any) => void,
 *   reject: (reason: Failure) => void,
 * }} Open
 */

/** What the client refused or could not do, in its own words. */
export class Failure extends Error {
  /** @param {Told} told */
  constructor(told) {
    super(told.message);
    this.code = told.code;
    this.next = told.next;
  }
}

/** `connecting`, `up`, `down` (trying again) or `over` (the session is not known). */
export const link = signal(/** @type {'connecting'|'up'|'down'|'over'} */ ('connecting'));

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 8000;
/** Tries after which a client that never let us in is taken to have forgotten us. */
const TRIES = 2;

/** @type {WebSocket | null} */
let socket = null;
let last = 0;
let pause = FIRST_PAUSE;
let refused = 0;
/** Whether the other side of this connection has shown to be the client that let us in. */
let entered = false;
/** @type {Map<number, Open>} */
const open = new Map();
/** @type {Map<string, Set<(params: any) => void>>} */
const listeners = new Map();

/** Connect, and stay connected. */
export function connect() {
  entered = false;
  const fresh = new WebSocket(`ws://${location.host}/rpc`, ['privity.v1', `session.${keptSession()}`]);
  socket = fresh;
  fresh.addEventListener('message', (event) => {
    const message = JSON.parse(event.data);
    if (entered) take(message);
    else if (isFromClient(message)) enter();
    else {
      link.value = 'over';
      fresh.close();
    }
  });
  fresh.addEventListener('close', ended);
}

function enter() {
  entered = true;
  refused = 0;
  pause = FIRST_PAUSE;
  link.value = 'up';
}

/**
 * Call a verb.
 * @param {string} method
 * @param {object} [params]
 * @param {Hearing} [hearing] `signal` cancels the call
 * @returns {Promise<any>} raises Failure
 */
export function call(method, params = {}, hearing = {}) {
  return new Promise((resolve, reject) => {
    if (!entered || socket?.readyState !== WebSocket.OPEN) {
      reject(lost());
      return;
    }
    last += 1;
    const id = last;
    open.set(id, { ...hearing, resolve, reject });
    hearing.signal?.addEventListener('abort', () => tell({ method: 'cancel', params: { id } }));
    tell({ id, method, params });
  });
}

/**
 * Hear what the client says of itself, such as `ui.phase`.
 * @param {string} method
 * @param {(params: any) => void} hear
 * @returns {() => void} ends it
 */
export function listen(method, hear) {
  const all = listeners.get(method) ?? new Set();
  listeners.set(method, all.add(hear));
  return () => all.delete(hear);
}

/** @param {object} message */
function tell(message) {
  if (entered && socket?.readyState === WebSocket.OPEN) {
    socket.send(JSON.stringify({ jsonrpc: '2.0', ...message }));
  }
}

/** @param {any} message */
function take({ id, method, params, result, error }) {
  if (method === 'progress') open.get(params.id)?.onProgress?.(params.progress);
  else if (method === 'item') open.get(params.id)?.onItem?.(params.item);
  else if (method !== undefined) for (const hear of listeners.get(method) ?? []) hear(params);
  else {
    const call_ = open.get(id);
    open.delete(id);
    if (error) call_?.reject(new Failure(error.data ?? unnamed(error)));
    else call_?.resolve(result);
  }
}

function ended() {
  for (const call_ of open.values()) call_.reject(lost());
  open.clear();
  if (link.value === 'over') return;
  refused = entered ? 0 : refused + 1;
  entered = false;
  if (refused > TRIES && link.value === 'connecting') {
    link.value = 'over';
    return;
  }
  if (link.value !== 'connecting') link.value = 'down';
  setTimeout(connect, pause * (0.5 + Math.random()));
  pause = Math.min(LONGEST_PAUSE, pause * 2);
}

function lost() {
  return new Failure({ code: 'lost', message: '', next: '' });
}

/** @param {{message: string}} error */
function unnamed({ message }) {
  return { code: 'internal', message, next: '' };
}

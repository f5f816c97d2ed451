/** A screen whose modules are fetched when it is first shown. */
import { html, useEffect, useState } from '../html.mjs';
import { Waiting } from '../parts/states.mjs';

/** @typedef {() => Promise<any>} Load */
/** @type {Map<Load, any>} */
const fetched = new Map();

/** @param {{load: Load, [props: string]: any}} props */
export function Lazy({ load, ...props }) {
  const [, again] = useState(0);
  useEffect(() => {
    if (fetched.has(load)) return;
    load().then((screen) => {
      fetched.set(load, screen);
      again((count) => count + 1);
    });
  }, [load]);
  const Screen = fetched.get(load);
  return Screen ? html`<${Screen} ...${props} />` : html`<${Waiting} />`;
}

/** The ledger: a line for each frame and each request that left, the newest first. */
import { html, useEffect, useState } from '../html.mjs';
import { clock, day, size, t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { Section } from '../parts/page.mjs';
import { Problem, Waiting } from '../parts/states.mjs';
import { call } from '../rpc.mjs';

const PAGE = 50;

/**
 * @typedef {{
 *   number: number, time: number, plane: string, endpoint: string, what: string,
 *   size: number, reason: string, cause: string,
 * }} Line
 * @typedef {{lines: readonly Line[], more: boolean}} Lines
 */

/** @type {Lines} */
const NONE = { lines: [], more: true };

export function Ledger() {
  const [found, setFound] = useState(NONE);
  const [failure, setFailure] = useState(/** @type {any} */ (null));
  const [busy, setBusy] = useState(false);
  const look = async () => {
    setBusy(true);
    setFailure(null);
    const before = found.lines.at(-1)?.number ?? 0;
    const take = (/** @type {Lines} */ { lines, more }) =>
      setFound({ lines: [...found.lines, ...lines], more });
    await call('ledger', { limit: PAGE, before }).then(take, setFailure);
    setBusy(false);
  };
  useEffect(() => {
    look();
  }, []);
  return html`<${Section} title=${t('left.ledger')} text=${t('left.ledger_hint')}>
    ${found.lines.length > 0 && html`<${Table} lines=${found.lines} />`}
    ${found.lines.length === 0 && !found.more && html`<p>${t('left.nothing')}</p>`}
    ${failure && html`<${Problem} failure=${failure} retry=${look} />`}
    ${busy && html`<${Waiting} />`}
    ${found.more && !busy && !failure && html`<${Button} kind="quiet" onClick=${look}>${t('left.older')}<//>`}
  <//>`;
}

/** @param {{lines: readonly Line[]}} props */
function Table({ lines }) {
  return html`<div class="table-scroll" tabindex="0" role="region" aria-label=${t('left.ledger')}>
    <table>
      <thead>
        <tr>
          <th scope="col">${t('left.when')}</th>
          <th scope="col">${t('left.what')}</th>
          <th scope="col">${t('left.size')}</th>
          <th scope="col">${t('left.reason')}</th>
        </tr>
      </thead>
      <tbody>
        ${lines.map(
          (line) => html`<tr key=${line.number}>
            <td>${day(line.time)}, ${clock(line.time)}</td>
            <td>
              <bdi>${line.what}</bdi> <code dir="ltr">${line.endpoint}</code>
              <br /><span class="hint">${t(`left.plane.${line.plane}`)}</span>
            </td>
            <td>${size(line.size)}</td>
            <td><bdi>${line.reason}</bdi></td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

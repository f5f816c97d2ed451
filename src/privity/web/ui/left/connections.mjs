/** Everything that this device connects to, and how much went there. */
import { html } from '../html.mjs';
import { moment, size, t } from '../i18n.mjs';
import { Section } from '../parts/page.mjs';
import { Problem, Waiting } from '../parts/states.mjs';
import { useAnswer } from '../state/answer.mjs';

/**
 * @typedef {{
 *   host: string, url: string, plane: string, purpose: string, online: boolean,
 *   since: number, count: number, size: number,
 *   reasons: readonly {reason: string, count: number, size: number}[],
 * }} Plane
 */

export function Connections() {
  const { value, failure, again } = useAnswer('connections');
  return html`<${Section} title=${t('left.connections')} text=${t('left.connections_hint')}>
    ${failure && html`<${Problem} failure=${failure} retry=${again} />`}
    ${!value && !failure && html`<${Waiting} />`}
    ${value &&
    html`<ul class="cards">
      ${value.planes.map((/** @type {Plane} */ plane) => html`<${One} key=${plane.plane} plane=${plane} />`)}
    </ul>`}
  <//>`;
}

/** @param {{plane: Plane}} props */
function One({ plane }) {
  const anonymous = plane.plane === 'anonymous';
  return html`<li class="card">
    <h3><bdi>${plane.host}</bdi></h3>
    <p>${anonymous ? t('left.anonymous') : t('left.identified')}</p>
    <p class="hint">
      ${plane.online ? t('left.online') : t('left.offline')}${' · '}
      ${t('left.sent', { count: plane.count, size: size(plane.size) })}
      ${plane.since > 0 && html`${' · '}${t('left.since', { time: moment(plane.since) })}`}
    </p>
    ${plane.reasons.length > 0 &&
    html`<details>
      <summary>${t('left.why')}</summary>
      <ul class="plain-list">
        ${plane.reasons.map(
          (one) => html`<li key=${one.reason}>
            <bdi>${one.reason}</bdi>: ${t('left.sent', { count: one.count, size: size(one.size) })}
          </li>`,
        )}
      </ul>
    </details>`}
  </li>`;
}

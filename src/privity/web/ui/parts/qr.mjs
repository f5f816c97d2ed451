/** A QR code, drawn from its rows: dark on white in both themes, so that it is read. */
import { html } from '../html.mjs';
import { useAnswer } from '../state/answer.mjs';

const QUIET = 4;

/**
 * @param {{rows: readonly string[], label: string}} props rows of `0` and `1`
 */
export function QR({ rows, label }) {
  const side = rows.length + 2 * QUIET;
  return html`<svg
    class="qr"
    role="img"
    aria-label=${label}
    viewBox=${`0 0 ${side} ${side}`}
    shape-rendering="crispEdges"
  >
    <rect width=${side} height=${side} fill="#fff" />
    <path d=${outline(rows)} fill="#000" />
  </svg>`;
}

/**
 * One rectangle for each run of dark modules.
 * @param {readonly string[]} rows
 */
export function outline(rows) {
  return rows
    .flatMap((row, y) =>
      Array.from(row.matchAll(/1+/gu), ({ 0: run, index }) => {
        const width = run.length;
        return `M${index + QUIET} ${y + QUIET}h${width}v1h-${width}z`;
      }),
    )
    .join('');
}

/**
 * A text as a QR code; its rows are worked out by the client, on this machine.
 * @param {{text: string, label: string}} props
 */
export function QRCode({ text, label }) {
  const { value } = useAnswer('ui.qr', { text });
  if (!value) return html`<span class="qr" aria-hidden="true" />`;
  return html`<${QR} rows=${value.rows} label=${label} />`;
}

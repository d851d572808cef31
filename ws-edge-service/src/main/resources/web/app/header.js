import { html, nothing } from 'lit';
import { Element } from './element.js';
import { model } from './model.js';
import { count, duration } from './format.js';
import { nextTheme, themeWish } from './appearance.js';

const REASONS = { epoch: 'the trail began a new incarnation', future: 'the trail was shortened', retention: 'no longer kept', erased: 'erased on request', hole: 'left out by the server' };
const THEMES = { auto: ['◐', 'Theme: as the system'], dark: ['☾', 'Theme: dark'], light: ['☀', 'Theme: light'] };

class Header extends Element {
  static watches = ['connection', 'session', 'node', 'alerts'];
  static tickMs = 1000;

  render() {
    const firing = [...model.alerts.values()].filter((alert) => alert.state === 'firing').length;
    const host = model.node?.host ?? '';
    document.title = (firing ? '(' + firing + ') ' : '') + (host ? host + ' · ' : '') + 'Vedette';
    const [sign, says] = THEMES[themeWish()];
    return html`
      <header class="top">
        <a class="brand" href="#" aria-label="Vedette, overview"><img src="/icon.svg" alt="" width="24" height="24" /><b>Vedette</b></a>
        ${host ? html`<span class="instance" title=${'edge ' + (model.node.id ?? '') + (model.node.version ? ', version ' + model.node.version : '')}>${host}</span>` : nothing}
        <div class="connection" role="status" aria-live="polite">${this.#pill()} ${this.#progress()} ${this.#notice()} ${this.#gapNotice()} ${this.#sampleNotice()}</div>
        <span class="who" title=${'Roles: ' + model.session.roles.join(', ')}>${model.session.name}</span>
        <button class="quiet" title=${says} aria-label=${says} @click=${() => (nextTheme(), this.requestUpdate())}>${sign}</button>
        <button class="quiet text" @click=${() => model.signOut()}>Sign out</button>
      </header>
    `;
  }

  #pill() {
    const { state, retryAt, reason, code } = model.connection;
    if (state === 'open') return html`<span class="pill ok"><i></i>Connected</span>`;
    if (state === 'connecting') return html`<span class="pill wait"><i></i>Connecting …</span>`;
    if (state === 'waiting') {
      const seconds = Math.max(0, Math.ceil((retryAt - Date.now()) / 1000));
      return html`<span class="pill wait" title=${'closed: ' + code + ' ' + (reason ?? '')}><i></i>Reconnecting in <b aria-hidden="true">${seconds} s</b></span><button class="small" @click=${() => model.bus?.reconnectNow()}>Now</button>`;
    }
    return html`<span class="pill bad" title=${reason ?? ''}><i></i>Disconnected (${code})</span><button class="small" @click=${() => location.reload()}>Reload</button>`;
  }

  #progress() {
    if (model.progress.size === 0 || model.connection.state !== 'open') return nothing;
    const [done, total] = [...model.progress.values()].reduce(([d, t], one) => [d + one.done, t + one.total], [0, 0]);
    return html`<span class="pill info">replaying, ${count(done)} of ${count(total)}</span>`;
  }

  #notice() {
    const notice = model.notice;
    if (!notice || model.connection.state !== 'open' || (model.gap && notice.replay === 0)) return nothing;
    return html`<span class="pill info" title=${'away for ' + duration(notice.downMs)}>resumed, ${count(notice.replay)} replayed${notice.skipped ? ', ' + count(notice.skipped) + ' older not shown' : ''}</span>`;
  }

  #sampleNotice() {
    const sample = model.sample;
    if (!sample || model.connection.state !== 'open') return nothing;
    return html`<span class="pill info" title="so many records come in that only a sample of them is sent here; all are in the trail">records: ${sample.rate}, ${count(sample.skipped)} left out</span>`;
  }

  #gapNotice() {
    const gap = model.gap;
    if (!gap) return nothing;
    return html`<span class="pill bad">gap in ${gap.address}: ${gap.missed < 0 ? 'an unknown number' : count(gap.missed)} missed, ${REASONS[gap.reason] ?? gap.reason}<button class="close" aria-label="Dismiss" @click=${() => model.forgetGap()}>×</button></span>`;
  }
}

customElements.define('vd-header', Header);

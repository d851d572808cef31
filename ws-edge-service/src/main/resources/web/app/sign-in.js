import { html, nothing } from 'lit';
import { Element } from './element.js';
import { model } from './model.js';

class SignIn extends Element {
  static watches = ['session'];
  static properties = { busy: { state: true } };

  async #submit(event) {
    event.preventDefault();
    const token = this.querySelector('input').value.trim();
    if (!token) return;
    this.busy = true;
    await model.signIn(token);
    this.busy = false;
  }

  firstUpdated() {
    this.querySelector('input').focus();
  }

  render() {
    return html`
      <div class="sign-in">
        <form class="card" @submit=${(event) => this.#submit(event)}>
          <h1><img src="/icon.svg" alt="" width="28" height="28" /> Vedette</h1>
          <label for="token">Access token</label>
          <input id="token" name="token" type="password" autocomplete="off" spellcheck="false" aria-describedby="token-help" ?disabled=${this.busy} />
          ${model.sessionTrouble ? html`<p class="problem" role="alert">${model.sessionTrouble}</p>` : nothing}
          <button class="primary" ?disabled=${this.busy}>${this.busy ? 'Signing in …' : 'Sign in'}</button>
          <p id="token-help" class="hint">The first start of <code>./vedette up</code> prints a link with a token. Make another with <code>./vedette token create --role viewer --ttl 24h</code>.</p>
        </form>
      </div>
    `;
  }
}

customElements.define('vd-sign-in', SignIn);

import { LitElement } from 'lit';
import { model } from './model.js';

/** A component in the page's own tree, so that one style sheet serves all; renders again when the model tells of one of `watches`. */
export class Element extends LitElement {
  static watches = [];
  #again = () => this.requestUpdate();
  #ticker;

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.constructor.watches.forEach((name) => model.addEventListener(name, this.#again));
    if (this.constructor.tickMs) {
      this.#ticker = setInterval(() => document.visibilityState === 'visible' && this.requestUpdate(), this.constructor.tickMs);
    }
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.constructor.watches.forEach((name) => model.removeEventListener(name, this.#again));
    clearInterval(this.#ticker);
  }
}

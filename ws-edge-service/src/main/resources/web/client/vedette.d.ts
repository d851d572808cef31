/** Types of `vedette.js`, whose head says what all this does. */

export type Headers = Record<string, string | object>;

/** A filter on the fields of an ordered topic: each has the value, or one of the values. */
export type FieldFilter = Record<string, string | number | boolean | null | Array<string | number | boolean | null>>;

export interface RegisterHeaders {
  /** `new`, or a position seen earlier: asks for resuming. */
  position?: string | null;
  filter?: string | FieldFilter;
  selector?: string;
  limit?: string;
  batch?: string;
  sampling?: string;
  [name: string]: unknown;
}

export interface Message<T = any> {
  type: 'rec';
  address: string;
  headers?: { position?: string; sampled?: string; skipped?: string; [name: string]: string | undefined };
  body: T;
  replyAddress?: string;
  reply?(body: unknown, headers?: Headers, callback?: Callback): void;
}

export interface Failure {
  failureCode: number;
  failureType: string;
  message: string;
  code?: string;
}

export type Callback<T = any> = (error: Failure | null, message?: Message<T>) => void;

export interface CloseInfo {
  code: number;
  reason: string;
  wasClean: boolean;
}

export interface Options {
  token?: string | null | (() => string | null | undefined | Promise<string | null | undefined>);
  WebSocket?: new (url: string, protocols?: string[]) => any;
  reconnect?: boolean;
  heartbeatMs?: number;
  heartbeatTimeoutMs?: number;
  delayMinMs?: number;
  delayMaxMs?: number;
  exponent?: number;
  batch?: boolean;
  /** In place of Math.random: 0 to 1. */
  random?: () => number;
  vertxbus_ping_interval?: number;
  vertxbus_reconnect_attempts_max?: number;
  vertxbus_reconnect_delay_min?: number;
  vertxbus_reconnect_delay_max?: number;
  vertxbus_reconnect_exponent?: number;
}

export interface StateDetail {
  state: 'connecting' | 'open' | 'waiting' | 'closed';
  attempt: number;
  delayMs?: number;
  retryAt?: number;
  code?: number;
  reason?: string;
  terminal?: boolean;
}

export interface WelcomeDetail {
  type: 'welcome';
  protocol: string;
  session: string;
  node: string;
  principal: string;
  idleMs: number;
  topics: string[];
}

export interface ResumedDetail {
  address: string;
  recovered: boolean;
  /** -1 with a filter: see `search`, and the event `replayed`. */
  replay: number;
  search?: number;
  skipped: number;
  reason: string | null;
  position: string;
}

export interface ProgressDetail {
  address: string;
  done: number;
  total: number;
}

export interface ReplayedDetail {
  address: string;
  replay: number;
}

export interface GapDetail {
  address: string;
  /** -1 when it is unknown. */
  missed: number;
  from: string;
  to: string;
  reason: 'epoch' | 'future' | 'retention' | 'erased' | 'limit' | 'hole';
}

export interface SampledDetail {
  address: string;
  rate: string;
  skipped: number;
}

export interface HeadDetail {
  address: string;
  position: string;
  lag: number | null;
}

/** What is in `event.detail`, by name of the event. */
export interface Events {
  state: StateDetail;
  welcome: WelcomeDetail;
  resumed: ResumedDetail;
  progress: ProgressDetail;
  replayed: ReplayedDetail;
  gap: GapDetail;
  sampled: SampledDetail;
  head: HeadDetail;
}

export class EventBus extends EventTarget {
  static readonly CONNECTING: 0;
  static readonly OPEN: 1;
  static readonly CLOSING: 2;
  static readonly CLOSED: 3;

  constructor(url: string, options?: Options);

  state: 0 | 1 | 2 | 3;
  defaultHeaders: Headers | null;
  onopen: (() => void) | null;
  onclose: ((info: CloseInfo) => void) | null;
  onreconnect: (() => void) | null;
  onerror: ((problem: any) => void) | null;
  onevent: ((event: string, message: any) => boolean | void) | null;
  onunhandled: ((frame: any) => void) | null;

  position(address: string): string | null;
  registerHandler<T = any>(address: string, callback: Callback<T>): void;
  registerHandler<T = any>(address: string, headers: RegisterHeaders | null | undefined, callback: Callback<T>): void;
  unregisterHandler(address: string, callback: Callback): void;
  unregisterHandler(address: string, headers: RegisterHeaders | null | undefined, callback: Callback): void;
  send(address: string, body: unknown, callback?: Callback): void;
  send(address: string, body: unknown, headers: Headers | null | undefined, callback?: Callback): void;
  publish(address: string, body: unknown, headers?: Headers): void;
  close(): void;
  enablePing(enable: boolean): void;
  enableReconnect(enable: boolean): void;
  reconnectNow(): void;

  addEventListener<K extends keyof Events>(name: K, listener: (event: CustomEvent<Events[K]>) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(name: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof Events>(name: K, listener: (event: CustomEvent<Events[K]>) => void, options?: boolean | EventListenerOptions): void;
  removeEventListener(name: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
}

export default EventBus;

/** Is the other side still there? Asked by a request, since oftener PINGs are answered with GOAWAY (protocol/v3.md; trust.md F05, F22). */

import type { Clock } from '../clock.ts';
import { TIMES } from './context.ts';

export interface LivenessPorts {
  /** Somebody waits for something from this link. */
  needed(): boolean;
  /** Reading is held back from here: silence proves nothing. */
  held(): boolean;
  /** Asks for a sign of life; rejects when none came in time. */
  probe(timeoutMs: number): Promise<void>;
  onDead(): void;
  /** Nobody needed the link for ten minutes. */
  onIdle(): void;
}

export class Liveness {
  readonly #clock: Clock;
  readonly #ports: LivenessPorts;
  #aliveAt: number;
  #neededAt: number;
  #probing = false;
  #disposed = false;
  #cancel: () => void = () => undefined;

  constructor(clock: Clock, ports: LivenessPorts) {
    this.#clock = clock;
    this.#ports = ports;
    this.#aliveAt = clock.now();
    this.#neededAt = clock.now();
    this.#arm(TIMES.silence);
  }

  /** Bytes arrived. Cheap: called for every one of them. */
  alive(): void {
    this.#aliveAt = this.#clock.now();
  }

  /** Somebody began to need the link: an old silence does not count against it at once, but it is asked soon. */
  poke(): void {
    this.#neededAt = this.#clock.now();
  }

  dispose(): void {
    this.#disposed = true;
    this.#cancel();
  }

  #arm(ms: number): void {
    if (this.#disposed) return;
    const due = this.#clock.now() + ms;
    const wall = this.#clock.wall();
    this.#cancel = this.#clock.after(ms, () => {
      // A monotonic clock may stand still while the machine sleeps; the wall clock does not, and a stopped process is late on both.
      const late = Math.max(this.#clock.now() - due, this.#clock.wall() - wall - ms);
      this.#check(late > TIMES.silence);
    });
  }

  #check(slept: boolean): void {
    if (this.#probing) return;
    const now = this.#clock.now();
    if (this.#ports.needed()) {
      this.#neededAt = now;
      if (this.#ports.held()) this.#aliveAt = now;
      const quiet = now - this.#aliveAt;
      if (slept || quiet >= TIMES.silence) this.#probe(slept);
      else this.#arm(TIMES.silence - quiet);
      return;
    }
    if (now - this.#neededAt >= TIMES.idle) return this.#ports.onIdle();
    this.#arm(TIMES.silence);
  }

  #probe(slept: boolean): void {
    this.#probing = true;
    const asked = this.#clock.now();
    this.#ports.probe(slept ? TIMES.answerAfterSleep : TIMES.answer).then(
      () => {
        this.#probing = false;
        this.alive();
        this.#arm(TIMES.silence);
      },
      () => {
        this.#probing = false;
        if (this.#disposed) return;
        // A large message on a slow line holds the answer up; its bytes are life enough.
        if (this.#aliveAt > asked) this.#arm(TIMES.silence);
        else this.#ports.onDead();
      },
    );
  }
}

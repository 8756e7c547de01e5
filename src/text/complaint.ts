/**
 * Tells whoever runs the host what goes wrong: once, and again only when it is something else, or after it was well.
 *
 * @param report told each message
 * @param signal after which nobody is told: what breaks then was broken off
 */
export function complaint(
  report: (message: string) => void,
  signal?: AbortSignal,
): { say(message: string): void; well(): void } {
  let said = ''
  return {
    say(message) {
      if (message !== said && !signal?.aborted) report(message)
      said = message
    },
    well() {
      said = ''
    },
  }
}

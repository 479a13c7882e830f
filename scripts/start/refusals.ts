/** The start cannot continue; the message is a sentence for the person at the terminal. */
export class StartRefused extends Error {
  override name = 'StartRefused'
}

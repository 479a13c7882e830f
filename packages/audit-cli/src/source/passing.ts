/** A failure that may be temporary. */
export class Passing extends Error {
  override readonly name = 'Passing'
  /** Milliseconds after which the service asks to retry. */
  readonly after: number

  constructor(message: string, after = 0) {
    super(message)
    this.after = after
  }
}

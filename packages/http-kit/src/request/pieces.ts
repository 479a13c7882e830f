/** The least room (bytes) for more than one piece: not a part of the pool that Node's small buffers share. */
const least = 4096

const nothing = Buffer.alloc(0)

/**
 * Bytes that arrive in pieces, as one buffer. A sender decides how small its pieces are, and a buffer for each takes hundreds of bytes of
 * memory: these take less than twice what has arrived, and 4 KiB.
 */
export class Pieces {
  #bytes: Buffer = nothing
  #size = 0

  /** How many bytes have arrived. */
  get size(): number {
    return this.#size
  }

  /** All that has arrived, as long as nothing is added. */
  get whole(): Buffer {
    return this.#bytes.subarray(0, this.#size)
  }

  /** A piece that comes alone is not copied; none is written to. */
  add(piece: Buffer): void {
    if (piece.length === 0) return
    const size = this.#size + piece.length
    if (this.#size === 0) this.#bytes = piece
    else {
      if (size > this.#bytes.length) this.#grow(size)
      piece.copy(this.#bytes, this.#size)
    }
    this.#size = size
  }

  #grow(size: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(least, size, 2 * this.#size))
    this.whole.copy(larger)
    this.#bytes = larger
  }
}

import { randomFillSync } from 'node:crypto'

const bytes = 16
const pool = Buffer.alloc(256 * bytes)
let next = pool.length

/**
 * 128 random bits, base64url: keeps a short text from being guessed from its leaf hash. Drawn 256 at a time, since each draw is a call
 * into the system.
 */
export function makeNonce(): string {
  if (next === pool.length) {
    randomFillSync(pool)
    next = 0
  }
  next += bytes
  return pool.toString('base64url', next - bytes, next)
}

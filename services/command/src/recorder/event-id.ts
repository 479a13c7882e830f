import { randomFillSync } from 'node:crypto'
import { V7Generator } from 'uuidv7'

const drawn = new Uint32Array(1024)
let next = drawn.length

/** By itself the generator draws eight numbers at a time; each draw is a call into the system. */
const generator = new V7Generator({
  nextUint32() {
    if (next === drawn.length) {
      randomFillSync(drawn)
      next = 0
    }
    return drawn[next++] as number
  },
})

/** A UUID of version 7 (RFC 9562): ids made by one process rise. */
export function makeEventId(): string {
  return generator.generate().toString()
}

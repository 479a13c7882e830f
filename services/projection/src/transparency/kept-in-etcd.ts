/** etcd as the home of kept checkpoints: hosts share it without a file system (docs/decisions/0034-kept-in-etcd.md). */
import { type EtcdAddress, EtcdAway, openEtcd } from './etcd.ts'
import { type Home, HomeAway, keptName, keptNote } from './kept-checkpoint.ts'

/** @param origin the chosen origin: copies of a ledger with an origin of their own have keys of their own */
export function etcdHome(address: EtcdAddress, origin: string): Home {
  const etcd = openEtcd(address)
  const place = `etcd at ${address.hosts.join(', ')}`
  const keyOf = (logId: string) => `/commitments/origin-${encodeURIComponent(origin)}/${keptName(logId)}`
  const unlessAway = async <T>(asked: Promise<T>): Promise<T> => {
    try {
      return await asked
    } catch (error) {
      throw error instanceof EtcdAway ? new HomeAway(`${place} gives no answer (${error.message})`) : error
    }
  }
  return {
    place,
    nameOf: (logId) => `the key ${keyOf(logId)} in etcd`,
    read: async (logId) => {
      const note = await unlessAway(etcd.get(keyOf(logId)))
      return note === null ? { outcome: 'missing' } : keptNote(note)
    },
    replace: (logId, before, note) => unlessAway(etcd.replace(keyOf(logId), before, note)),
  }
}

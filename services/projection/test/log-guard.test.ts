import { proposed } from '@commitments/test-kit'
import t from 'tap'
import { openLedger, startService } from './support.ts'

t.setTimeout(120_000)

t.test(
  'disabled triggers, rights beyond the owner’s and a read model beyond the head are alarms, and the service stays ready',
  async (t) => {
    const ledger = await openLedger(t)
    const service = await startService(t, ledger)
    await service.applied(await ledger.recordAll([1, 2, 3].map((number) => [`p${number}`, proposed()] as const)))
    const guard = async () => {
      const { checks } = (await service.get('/health/ready')).json()
      return checks.find(({ name }: { name: string }) => name === 'log-guard')
    }
    const until = async (wanted: { readonly ok: boolean; readonly detail?: RegExp }) => {
      for (let tries = 0; tries < 100 && (await guard()).ok !== wanted.ok; tries += 1)
        await new Promise((resolve) => setTimeout(resolve, 100))
      t.match(await guard(), { ...wanted, alarm: true })
    }
    await until({ ok: true })
    for (const off of ['DISABLE TRIGGER events_append_only', 'ENABLE TRIGGER events_append_only']) {
      await ledger.pool.query(`ALTER TABLE events ${off}`)
      await until({ ok: false, detail: /events_append_only on events is not ENABLE ALWAYS/ })
      await ledger.pool.query('ALTER TABLE events ENABLE ALWAYS TRIGGER events_append_only')
      await until({ ok: true })
    }
    await ledger.pool.query('GRANT UPDATE ON events TO PUBLIC')
    await until({ ok: false, detail: /others than the owner may do more .*: PUBLIC UPDATE on events/ })
    await ledger.pool.query('REVOKE UPDATE ON events FROM PUBLIC')
    await until({ ok: true })
    t.equal((await service.get('/health/ready')).statusCode, 200)
    await ledger.pool.query(`ALTER TABLE events DISABLE TRIGGER events_append_only; DELETE FROM events WHERE position > 2;
    ALTER TABLE events ENABLE ALWAYS TRIGGER events_append_only`)
    await until({ ok: false, detail: /more was applied than the log has, which ends at position 2: proposal-\w+ at 3/ })
  },
)

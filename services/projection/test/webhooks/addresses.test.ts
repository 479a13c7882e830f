/** Where messages may go: judged for the address of the connection, whatever the name of the host led to before. */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { eventually, proposed, temporaryFolder } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { blockListOf, mayConnect } from '../../src/webhooks/address.ts'
import { type Lookup, openReceiver } from '../../src/webhooks/deliver.ts'
import { openLedger } from '../support.ts'
import { environmentFor, startReceiver, startSending } from './receiver.ts'

t.setTimeout(120_000)

const none = blockListOf([])

t.test(
  'public addresses are allowed with TLS only; private, loopback, link-local, metadata and special ones not at all',
  async (t) => {
    for (const address of ['8.8.8.8', '203.162.4.1', '2001:4860:4860::8888', '2400:cb00::1']) {
      t.ok(mayConnect(address, 'https', none), address)
      t.notOk(mayConnect(address, 'http', none), `${address} without TLS`)
    }
    const special = [
      '0.0.0.0',
      '10.1.2.3',
      '100.64.0.1',
      '127.0.0.1',
      '127.9.9.9',
      '169.254.169.254',
      '172.16.0.1',
      '172.31.255.255',
      '192.0.0.192',
      '192.168.1.1',
      '198.18.0.1',
      '224.0.0.1',
      '255.255.255.255',
      '::',
      '::1',
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '::ffff:10.0.0.1',
      '::7f00:1',
      '64:ff9b::7f00:1',
      '64:ff9b:1::a00:1',
      '2002:7f00:1::',
      '2001:0:7f00::1',
      'fd00:ec2::254',
      'fc00::1',
      'fe80::1',
      'fe80::1%eth0',
      'fec0::1',
      'ff02::1',
      '100::1',
      '100:0:0:1::1',
      '1::1',
      '4000::1',
      '::ffff:0:7f00:1',
      '168.63.129.16',
      '2001:db8::1',
      'inbox.example.org',
      '',
    ]
    for (const address of special) t.notOk(mayConnect(address, 'https', none), address)
  },
)

t.test('networks that the operator allows are allowed, with and without TLS, and nothing beside them', async (t) => {
  const allowed = blockListOf(['10.20.0.0/16', 'fd12:3456::/32', '127.0.0.1/32'])
  for (const address of ['10.20.255.1', '::ffff:10.20.0.1', 'fd12:3456::9', '127.0.0.1']) {
    t.ok(mayConnect(address, 'https', allowed) && mayConnect(address, 'http', allowed), address)
  }
  for (const address of ['10.21.0.1', 'fd12:3457::1', '127.0.0.2', '::1'])
    t.notOk(mayConnect(address, 'https', allowed), address)
})

/** A host of this machine that answers TLS with a certificate for these names, by an authority that this process trusts. */
async function startTls(
  t: Test,
  names: readonly string[],
  { trusted = true } = {},
): Promise<{ port: number; server: Server; requests: string[] }> {
  const folder = temporaryFolder(t)
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const alternatives = names.map((name) => (/^[\d.]+$/.test(name) ? `IP:${name}` : `DNS:${name}`)).join(',')
  const given = [
    '-subj',
    '/CN=test',
    '-addext',
    `subjectAltName=${alternatives}`,
    '-days',
    '2',
    '-keyout',
    key,
    '-out',
    cert,
  ]
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...given],
    { stdio: 'ignore' },
  )
  const certificate = readFileSync(cert, 'utf8')
  const before = getCACertificates()
  if (trusted) setDefaultCACertificates([...before, certificate])
  const requests: string[] = []
  const server = createServer({ key: readFileSync(key), cert: certificate }, (request, response) => {
    requests.push(String(request.headers.host))
    request.resume().on('end', () => response.writeHead(204).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    setDefaultCACertificates(before)
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, server, requests }
}

const withoutOpenssl = spawnSync('openssl', ['version']).status !== 0 && 'there is no openssl'

async function attempt(t: Test, url: string, networks = none, lookup?: Lookup) {
  const receiver = openReceiver({ url, networks, patience: 5_000, lookup })
  t.after(() => receiver.close())
  const { outcome, status } = await receiver.deliver({ 'content-type': 'application/json' }, '{}')
  return [outcome, status] as const
}

t.test(
  'no spelling of an address of this machine is connected to, with TLS or without',
  { skip: withoutOpenssl },
  async (t) => {
    const { port, requests } = await startTls(t, ['127.0.0.1', 'localhost'])
    const plain = await startReceiver(t)
    const hosts = [
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f.0.0.1',
      '0177.0.0.1',
      '0.0.0.0',
      '[::1]',
      '[::]',
      '[::ffff:127.0.0.1]',
      'localhost',
      '127.0.0.1.',
    ]
    for (const host of hosts) {
      t.same(await attempt(t, `https://${host}:${port}/`), ['refused-address', null], `https://${host}`)
      t.same(
        await attempt(t, `http://${host}:${new URL(plain.url).port}/`),
        ['refused-address', null],
        `http://${host}`,
      )
    }
    const allowed = blockListOf(['127.0.0.0/8'])
    t.same(
      await attempt(t, `https://127.0.0.1:${port}/`, allowed),
      ['delivered', 204],
      'the list is what holds it back',
    )
    t.same(await attempt(t, plain.url, allowed), ['delivered', 204])
    t.equal(requests.length, 1)
    t.equal(plain.got.length, 1)
  },
)

t.test(
  'a name that leads to a public address when it is looked up, and to this machine a moment later, is not followed there',
  { skip: withoutOpenssl },
  async (t) => {
    const { port, requests } = await startTls(t, ['rebinding.example'])
    let lookups = 0
    const rebinding: Lookup = async () => [(lookups += 1) === 1 ? '192.0.2.1' : '127.0.0.1']
    t.same(await attempt(t, `https://rebinding.example:${port}/`, none, rebinding), ['refused-address', null])
    t.same(await attempt(t, `https://rebinding.example:${port}/`, none, rebinding), ['refused-address', null])
    t.equal(lookups, 2, 'looked up once for a connection')
    t.same(await attempt(t, `https://rebinding.example:${port}/`, none, async () => ['127.0.0.1', '::1', '10.0.0.1']), [
      'refused-address',
      null,
    ])
    t.same(requests, [])
    const some: Lookup = async () => ['169.254.169.254', '127.0.0.1']
    t.same(
      await attempt(t, `https://rebinding.example:${port}/`, blockListOf(['127.0.0.1/32']), some),
      ['delivered', 204],
      'of several, those that are allowed',
    )
    t.same(requests, [`rebinding.example:${port}`], 'and the certificate is held against the name')
  },
)

t.test('a certificate that does not hold, or is for another name, is refused', { skip: withoutOpenssl }, async (t) => {
  const allowed = blockListOf(['127.0.0.0/8'])
  const here: Lookup = async () => ['127.0.0.1']
  const trusted = await startTls(t, ['inbox.example'])
  t.same(await attempt(t, `https://inbox.example:${trusted.port}/`, allowed, here), ['delivered', 204])
  t.same(await attempt(t, `https://other.example:${trusted.port}/`, allowed, here), ['tls', null])
  t.same(await attempt(t, `https://127.0.0.1:${trusted.port}/`, allowed), ['tls', null])
  const stranger = await startTls(t, ['inbox.example'], { trusted: false })
  t.same(await attempt(t, `https://inbox.example:${stranger.port}/`, allowed, here), ['tls', null])
  const plain = await startReceiver(t)
  t.same(
    await attempt(t, plain.url.replace('http:', 'https:'), allowed),
    ['tls', null],
    'nor is what does not speak TLS',
  )
})

t.test('redirects are not followed, and what fails has a class and no text', async (t) => {
  const ledger = await openLedger(t)
  const inside = await startReceiver(t)
  const receiver = await startReceiver(
    t,
    (_got, response) => void response.writeHead(307, { location: inside.url }).end(),
  )
  const service = await startSending(t, ledger)
  await service.call('PUT', '/inbox', { url: receiver.url })
  t.match(await service.call('POST', '/inbox/test'), {
    status: 200,
    body: { outcome: 'status', status: 307, position: null },
  })
  t.same(inside.got, [])
  const closed = createTcpServer().listen(0, '127.0.0.1')
  await eventually(() => closed.listening)
  const { port } = closed.address() as AddressInfo
  closed.close()
  const garbage = createTcpServer((socket) => socket.end('SSH-2.0-secret-banner\r\n')).listen(0, '127.0.0.1')
  t.after(() => garbage.close())
  await eventually(() => garbage.listening)
  for (const [url, outcome] of [
    [`http://127.0.0.1:${port}/`, 'connect'],
    [`http://127.0.0.1:${(garbage.address() as AddressInfo).port}/`, 'broken'],
    ['http://no-such-host.invalid/', 'dns'],
    ['http://10.0.0.1/', 'refused-address'],
  ] as const) {
    await service.call('PUT', '/inbox', { url })
    const { body } = await service.call('POST', '/inbox/test')
    t.match(body, { outcome, status: null })
    t.notMatch(JSON.stringify(body), /banner|ECONN|ENOTFOUND/)
  }
})

t.test(
  'an endpoint whose name leads into a private network is not sent to, visibly, until the operator allows it',
  async (t) => {
    const ledger = await openLedger(t)
    const receiver = await startReceiver(t)
    const environment = environmentFor(t, { WEBHOOK_NETWORKS: '10.20.0.0/16' })
    const url = receiver.url.replace('127.0.0.1', 'ministry.example')
    const webhookLookup: Lookup = async () => ['127.0.0.1']
    const service = await startSending(t, ledger, { environment, webhookLookup })
    await ledger.record('lab', proposed())
    await service.call('PUT', '/inbox', { url, after: 0 })
    const retrying = await eventually(async () => (await service.call('GET', '/inbox')).body.retrying)
    t.match(retrying, { outcome: 'refused-address', status: null })
    await service.stop()
    await startSending(t, ledger, { environment: { ...environment, WEBHOOK_NETWORKS: '127.0.0.0/8' }, webhookLookup })
    await eventually(() => receiver.got.length === 1, { within: 20_000 })
  },
)

t.test(
  'a receiver that answers drop by drop, at length or never holds an attempt for its time and no longer',
  async (t) => {
    const allowed = blockListOf(['127.0.0.0/8'])
    const never = await startReceiver(t, () => {})
    const receiver = openReceiver({ url: never.url, networks: allowed, patience: 200 })
    t.match(await receiver.deliver({}, '{}'), { outcome: 'timeout', status: null })
    receiver.close()
    const long = await startReceiver(t, (_got, response) => {
      response.writeHead(200)
      const timer = setInterval(() => response.write('x'.repeat(64 * 1024)), 1)
      response.once('close', () => clearInterval(timer))
    })
    const endless = openReceiver({ url: long.url, networks: allowed, patience: 5_000 })
    for (let round = 0; round < 3; round += 1)
      t.match(await endless.deliver({}, '{}'), { outcome: 'delivered', status: 200 })
    endless.close()
    await eventually(() => long.underWay.now === 0)
  },
)

t.test('a receiver that changes the protocol or only ever promises an answer has not taken the event', async (t) => {
  const listening = async (answer: string) => {
    const server = createTcpServer((socket) => void socket.on('error', () => undefined).write(answer))
    server.listen(0, '127.0.0.1')
    t.after(() => server.close())
    await eventually(() => server.listening)
    return openReceiver({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      networks: blockListOf(['127.0.0.0/8']),
      patience: 1_000,
    })
  }
  const switching = await listening(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
  )
  for (let round = 0; round < 2; round += 1)
    t.match(await switching.deliver({}, '{}'), { outcome: 'status', status: 101 })
  switching.close()
  for (const status of ['100 Continue', '102 Processing', '103 Early Hints']) {
    const promising = await listening(`HTTP/1.1 ${status}\r\n\r\n`)
    t.match(await promising.deliver({}, '{}'), { outcome: 'timeout', status: null }, status)
    promising.close()
  }
})

t.test('a connection is used again, and one that the receiver has closed in between costs no attempt', async (t) => {
  const ports = new Set<number | undefined>()
  const kept = await startReceiver(t, (_got, response, request) => {
    ports.add(request.socket.remotePort)
    response.end()
  })
  const receiver = openReceiver({ url: kept.url, networks: blockListOf(['127.0.0.0/8']), patience: 5_000 })
  t.after(() => receiver.close())
  for (let round = 0; round < 3; round += 1) t.match(await receiver.deliver({}, '{}'), { outcome: 'delivered' })
  t.equal(ports.size, 1)
  kept.server.closeAllConnections()
  t.match(await receiver.deliver({}, '{}'), { outcome: 'delivered' })
  t.equal(ports.size, 2)
})

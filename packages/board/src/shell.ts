/** What the service wrote into the page for the board: attributes of its `html` element. */
interface Shell {
  /** Path under which the service is seen, without a slash at the end; mostly empty. */
  readonly base: string
  /** Changes with every change of the board's files. */
  readonly build: string
  /** `key`: every read needs a key, which the reader has to be asked for. */
  readonly reading: 'public' | 'key'
  /** Where the command service is seen; null where nobody told. */
  readonly commandUrl: string | null
  readonly timeZone: string
  /** The licences of what the board is made of. */
  readonly licences: string
}

export function readShell({ dataset }: HTMLElement = document.documentElement): Shell {
  return {
    base: dataset['base'] ?? '',
    build: dataset['build'] ?? '',
    reading: dataset['reading'] === 'key' ? 'key' : 'public',
    commandUrl: dataset['commandUrl'] ?? null,
    timeZone: dataset['timeZone'] ?? 'UTC',
    licences: dataset['licences'] ?? '',
  }
}

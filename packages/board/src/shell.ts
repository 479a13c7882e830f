/** What the service wrote into the page for the board: attributes of its `html` element. */
interface Shell {
  /** The public path prefix of the service, without a slash at the end; usually empty. */
  readonly base: string
  /** Changes with every change of the board's files. */
  readonly build: string
  /** `key`: every read needs a key, which the reader must enter. */
  readonly reading: 'public' | 'key'
  /** The public address of the command service; null if it is not known. */
  readonly commandUrl: string | null
  readonly timeZone: string
  /** The address of the licences of the board's components. */
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

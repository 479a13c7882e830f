/** How a drill can end before there is a report; each message is a sentence for the operator. */

/** Something is missing here: a program, a right, room on the disk. It says nothing about the backup. */
export class Hindered extends Error {}

/** The backup cannot be used. */
export class Unusable extends Error {}

/** What the programs and the server say when there is no room, wherever they say it. */
export function isNoRoom(text: string): boolean {
  return /ENOSPC|No space left on device|could not extend file/i.test(text)
}

/**
 * The counterpart of `runJob`: waits for the one job that the parent sends, does it, and sends the result. An error ends the process, with
 * the reason on standard error, which the parent shows.
 */
export function doJob(run: (job: never) => Promise<unknown>): void {
  process.channel?.ref()
  process.once('message', (job) => {
    void run(job as never).then((result) => process.send?.(result))
  })
}

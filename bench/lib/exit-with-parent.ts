// Loaded into every process that the bench starts. The channel to the parent closes when the parent is gone, even if it was killed with -9.
// Listening for that must not keep a finished program alive.
process.on('disconnect', () => process.exit(1))
process.channel?.unref()

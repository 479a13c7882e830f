// Loaded into every process that the bench starts. The channel to the parent closes when the parent is gone, also when it was killed with
// -9 and could close nothing itself. Listening for that must not keep a program alive that has done its work.
process.on('disconnect', () => process.exit(1))
process.channel?.unref()

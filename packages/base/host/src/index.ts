export { readEnvironment, scrubEnvironment } from './environment.ts'
export { atomicWrite } from './files/atomic-write.ts'
export { createFile, moveFile } from './files/move-file.ts'
export { copyIfPresent, makePrivateFolder, replaceLink } from './files/private-folder.ts'
export { moveAside } from './files/move-aside.ts'
export { containedPath } from './files/contained-path.ts'
export { readRegular } from './files/read-regular.ts'
export { ensureStateFolder, formerStateFolder, stateAt, stateBase, stateFolder, type StateFolder } from './files/state-folder.ts'
export { readOwner, writeOwner, type StateOwner } from './files/state-owner.ts'
export { findProgram, isExecutableFile } from './find-program.ts'
export { socketPath, type SocketPath } from './files/socket-path.ts'
export {
  attachDetached,
  startDetached,
  stopDetached,
  findDetachedBelow,
  findProcessesBelow,
  stopDetachedBelow,
  type DetachedExit,
  type DetachedOptions,
  type DetachedProcess,
} from './process/detached.ts'
export { maxLineBytes, type OutputLine } from './process/follow-lines.ts'
export { waitForOrphans } from './process/orphans.ts'
export { findByMarker } from './process/find-by-variable.ts'
export { identify, isSameAlive, type ProcessIdentity } from './process/process-table.ts'
export { readLive } from './process/read-live.ts'
export { startCommandServer } from './process/command-server.ts'
export { runCommand, runForBytes, type CommandOptions, type CommandResult } from './process/run-command.ts'
export { markerName, type StopReport } from './process/stop-group.ts'
export { programStamp, type ProgramParts } from './program-stamp.ts'
export { systemClock } from './system-clock.ts'
export { advanceCheckout, filesInTheWay, findCheckout, treeOfIndex, treeWithFiles, treeWithout } from './git/checkout.ts'
export { copyIndex } from './git/copy-index.ts'
export { describeLock, explainOwner, type GitLock } from './git/explain-refusal.ts'
export { gitFolders, isSparse, type GitFolders } from './git/git-folders.ts'
export {
  changedEntries,
  changedFiles,
  commitTree,
  compareAndSwapRef,
  mergeCommits,
  resolveCommit,
  treeOf,
  unifiedDiff,
  type ChangedEntry,
  type ChangedFile,
  type MergeResult,
} from './git/commits.ts'
export {
  commitsWithTrailer,
  hasBranch,
  headBranch,
  linkedFolders,
  listBranches,
  rootCommits,
  runsLandedOn,
  tipOf,
} from './git/branches.ts'
export { moveBehindFence, raiseFence, type Fence } from './git/lane-fence.ts'
export { guardedChanges, putBack, readGuarded, type Guarded, type GuardedChange } from './git/guarded.ts'
export { ignoredSince } from './git/ignored-files.ts'
export { refHooks, signCommit, signsCommits } from './git/signing.ts'
export { fixedSettings, openGit, type DriverCall, type Drivers, type Git, type GitOptions } from './git/open-git.ts'
export {
  countLines,
  filesWithLine,
  listTree,
  readBlobs,
  readFileAt,
  readTexts,
  sizesOf,
  writeText,
  type TreeEntry,
} from './git/read-objects.ts'
export { asideOf, holdsStash, privateGit, refreshPrivateGit, removePrivateGit, type PrivateGit } from './git/private-git.ts'
export { readRepositoryState, type RepositoryState } from './git/repository-state.ts'
export { closeInherited } from './process/close-inherited.ts'
export { isSamePlace, keepRepositoryId, placeOf } from './git/repository-id.ts'
export { openRepository, type Repository } from './git/repository.ts'
export {
  differingFiles,
  filesOfIndex,
  ignoredFiles,
  refreshIndex,
  restoreFiles,
  standAt,
  unignoredFiles,
} from './git/standing-files.ts'
export { snapshotTree } from './git/snapshot-tree.ts'
export { changedSubmodules, fillSubmodules } from './git/submodules.ts'
export {
  addWorktree,
  attachHead,
  detachAt,
  detachHead,
  isClean,
  openWorktree,
  pointTo,
  removeWorktree,
  resetTo,
  strayFiles,
} from './git/working-tree.ts'
export { unknownCommit } from './git/unknown-commit.ts'

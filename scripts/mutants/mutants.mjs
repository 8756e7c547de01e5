/** One crucial line each, what it is changed to, and the tests of which one must fail then. */
const of = (file, tests, pairs, more = {}) => pairs.map(([from, to]) => ({ file, from, to, tests, ...more }))

export const mutants = [
  ...of(
    'src/database/holds.ts',
    ['test/engine/holds.test.ts'],
    [
      ['await sleep(knownWithin + 1, undefined, { ref: false })', ''],
      ["(login != null && this.has(source, 'login', login))", 'false'],
      ["`SELECT pg_advisory_xact_lock(hashtext('adminjs_sessions_hold'))`", "'SELECT 1'"],
      [
        'Math.max(performance.now() - this.knownAt.monotonicMs, Date.now() - this.knownAt.wallMs)',
        'performance.now() - this.knownAt.monotonicMs',
      ],
      [
        'Math.max(performance.now() - this.knownAt.monotonicMs, Date.now() - this.knownAt.wallMs)',
        'Date.now() - this.knownAt.wallMs',
      ],
      ['const steps = 10', 'const steps = 1'],
      ['if (this.away && nowMs - this.askedAtMs < knownWithin) return Promise.resolve()', ''],
      ['if (age <= knownWithin || this.away) return this.remembers', 'if (age <= knownWithin) return this.remembers'],
      ['hold.until.getTime() < now - 24 * hour', 'hold.until.getTime() < now'],
      ['value: String(rowValue(value))', 'value'],
      ['(await this.newestId()) > this.lastId', '(await this.newestId()) >= this.lastId'],
    ],
  ),
  ...of(
    'src/collectors/engine/removal-run.ts',
    ['test/engine/removals.test.ts', 'test/engine/take-over.test.ts'],
    [
      [
        'if (this.panel) await this.holdSessions(ending)',
        'if (this.panel) await this.holdSessions(ending.filter(({ seen }) => seen))',
      ],
      ['open.seen ||= session !== undefined', ''],
      ['error instanceof Refusal ? error.said : messageOf(error)', 'messageOf(error)'],
      ['for (const one of open) one.seen = true', ''],
      ['!(error instanceof KeepOutFailed) ||', ''],
      ['by === keepOutBy && value ===', 'value ==='],
      [
        "await this.parts.holds.releaseOf([open.removal.id], ['session'])",
        "await this.parts.holds.releaseOf([], ['session'])",
      ],
      ["if (answer === 'asked' || this.panel ||", "if (answer === 'asked' ||"],
      ['this.stopping, open.removal.byForce)', 'this.stopping)'],
      ["kind === 'ftp' ? now('ip') : removal.ip", "now('ip')"],
      ["kind === 'ftp' ? now('ip') : removal.ip", 'removal.ip'],
      ["login: now('login')", 'login: removal.login'],
    ],
  ),
  ...of(
    'src/collectors/engine/removal-queue.ts',
    ['test/engine/take-over.test.ts', 'test/engine/removals.test.ts'],
    [
      ['this.beating ??= setInterval(() => void this.beat(), beatEvery).unref()', ''],
      ['(same && nowMs - known.sinceMs > deadAfter)', 'same'],
      ['takenBy === this.me ? !this.atWork.has(id) :', 'takenBy === this.me ? false :'],
      ['same ? known : { takenBy, beat, sinceMs: nowMs }', 'known ?? { takenBy, beat, sinceMs: nowMs }'],
      ['clearInterval(this.beating)', ''],
      ['!moving.has(key!)', 'true'],
    ],
  ),
  ...of(
    'src/database/removal-records.ts',
    ['test/database/removals-in-hand.test.ts'],
    [
      ['{ takenBy: from.takenBy!, beat: from.beat }', '{ takenBy: from.takenBy! }'],
      ['? { takenBy: IsNull() } :', '? {} :'],
      ["id, outcome: 'pending', ...as }", "id, outcome: 'pending' }"],
      ["if (this.database.engine === 'postgres') free", 'if (false) free'],
    ],
  ),
  ...of(
    'src/collectors/engine/kept-rows.ts',
    ['test/engine/rows-keep-their-ids.test.ts', 'test/engine/kept-rows.test.ts'],
    [
      ['if (met.size > 0) {', 'if (false) {'],
      ['await lettingGo(put(kept, met, []))', ''],
      ['put(found.written, again.written, met.keys())', 'put(found.written, again.written, [])'],
    ],
  ),
  ...of(
    'src/collectors/engine/hold-enforcer.ts',
    ['test/engine/removals.test.ts'],
    [
      ['if (other === undefined || other.until < until)', 'if (true)'],
      ["this.holds.remembers(name, 'session', key) ||", ''],
      ["(typeof login === 'string' && this.holds.remembers(name, 'login', login))", 'false'],
      ['performance.now() - this.appliedAtMs < againEvery', 'true'],
    ],
  ),
  ...of(
    'src/database/session-history.ts',
    ['test/engine/history.test.ts'],
    [
      ["key: In(some), how: 'unknown' }", 'key: In(some) }'],
      ['await nameRemoved(this.database, this.whose, keys)', ''],
      ["outcome === 'ended' && key !== null", 'key !== null'],
      [' ON CONFLICT DO NOTHING', ''],
      ['await (fence ? deletion.andWhere(fence.isHeld, fence.parameters) : deletion).execute()', '{ affected: 0 }'],
    ],
  ),
  ...of(
    'src/database/pruning.ts',
    ['test/engine/pruning.test.ts'],
    [
      ['if (Math.abs(drift) < hour) {', 'if (true) {'],
      ["outcome: Not('pending' as const)", ''],
      ['keepOutUntil: Or(IsNull(), before(grace))', ''],
      ['if (keepRemovalsMs > 0) {', 'if (true) {'],
    ],
  ),
  ...of(
    'src/collectors/panel/left-out.ts',
    [
      'test/collectors/panel/express-sessions/list.test.ts',
      'test/collectors/panel/express-sessions/async-login.test.ts',
    ],
    [
      ['if (this.damaged.length > 0 && this.read === 0) {', 'if (false) {'],
      ['if (this.broken > 0 && this.broken === this.read) throw new Error(this.why)', ''],
    ],
  ),
  ...of(
    'src/collectors/panel/express-sessions/read-login.ts',
    ['test/collectors/panel/express-sessions/async-login.test.ts'],
    [
      ['const known = answers.of(session)', 'const known = undefined as Reading | undefined'],
      ['reading?.unread && before !== undefined && !isPromise(before) ? before : reading', 'reading'],
      ["if (content === '') return", 'return'],
    ],
  ),
  ...of(
    'src/collectors/panel/express-sessions/list/stores/session-file-store.ts',
    ['test/collectors/panel/express-sessions/readers/damaged.test.ts'],
    [
      ["if (ofTheFile.includes(code ?? ''))", 'if (false)'],
      [
        'if (session instanceof Damaged) return [damaged(sid, session, name)]',
        'if (session instanceof Damaged) return []',
      ],
    ],
  ),
  ...of(
    'src/collectors/panel/express-sessions/list/stores/connect-redis.ts',
    ['test/collectors/panel/express-sessions/readers/connect-redis.test.ts'],
    [
      ["(mayHaveKeyPrefix ? '*' : '') + prefix", 'prefix'],
      ['for (const key of [value].flat())', 'signal.throwIfAborted(); for (const key of [value].flat())'],
      ['if (!passed) {', 'if (false) {'],
      ["if (String(error).includes('WRONGTYPE')) return null", ''],
      ['new Set([...known, ...recent])', 'new Set(known)'],
    ],
  ),
  ...of(
    'src/database/source-status.ts',
    ['test/engine/collector.test.ts'],
    [[' && row.warning === warning && !this.isDue(now)', ' && !this.isDue(now)']],
  ),
  ...of(
    'src/collectors/panel/express-sessions/guard/guard.ts',
    [
      'test/collectors/panel/express-sessions/guard.test.ts',
      'test/collectors/panel/express-sessions/activity.test.ts',
      'test/collectors/panel/express-sessions/ended-stays-ended.test.ts',
    ],
    [
      ['if (isHeld) {', 'if (false) {'],
      ['if (held) return this.overAfter(this.takeOut(write.sid), write)', ''],
      ['if (held) return this.overAfter(this.destroyHeld(write.sid), write)', ''],
      ["held = either(held, site.isHeld('session', other))", 'held = either(held, false)'],
      ["site.isHeld('session', key, login)", "site.isHeld('session', key)"],
      ["site.isHeld('session', key, login)", "site.isHeld('login', login ?? '')"],
      ['isPromise(held) ? held.catch(() => false) : held', 'held'],
      ['this.read?.data === data ? this.read : undefined', 'this.read'],
      ['return one || other', 'return other'],
      ['return one || other', 'return one'],
      ['isBusy = () => this.inside > 0', 'isBusy = () => false'],
      ['if (!this.reader.cookieIsFresh)', 'if (false)'],
      ["write.by === 'touch' || polled === contentOf(session)", "write.by === 'touch'"],
      [
        'return others.length === 0 ? this : setHeader.call(this, name, others)',
        'return setHeader.call(this, name, value)',
      ],
      ['keepKey(session, own, key)', ''],
      ['this.inside++', ''],
    ],
  ),
  ...of(
    'src/collectors/panel/express-sessions/store-calls.ts',
    ['test/collectors/panel/express-sessions/guard.test.ts'],
    [
      ['if (!this.hasReturned || this.isBusy()) {', 'if (this.isBusy()) {'],
      ['throw thrown', 'void thrown'],
    ],
  ),
  ...of(
    'src/actions/same-origin.ts',
    ['test/actions/same-origin.test.ts', 'test/actions/remove.test.ts'],
    [
      ["return site === 'same-origin'", "return site !== 'cross-site'"],
      ["if (page.protocol !== 'https:' && page.protocol !== `${request.protocol}:`) return false", ''],
      ['trusts(request.socket.remoteAddress, 0) ? request.get', 'true ? request.get'],
      ['if (!URL.canParse(origin)) return false', 'if (!URL.canParse(origin)) return true'],
      ['return new URL(own).host === page.host ||', 'return true ||'],
    ],
  ),
  ...of(
    'src/actions/access.ts',
    ['test/actions'],
    [
      [
        'return (await access.remove(context, session)) === true',
        'return Boolean(await access.remove(context, session))',
      ],
      ['    return false\n  }\n}', '    return true\n  }\n}'],
      ['if (fields === undefined) throw new ForbiddenError', 'if (false) throw new ForbiddenError'],
      ['if (context.record && !isSeen(context.record.params, fields)) throw', 'if (false) throw'],
      ['known.has(field) && value != null', 'true'],
    ],
  ),
  ...of(
    'src/actions/remove-decision.ts',
    ['test/actions'],
    [
      ['if (this.asker.refused !== undefined) return', 'if (false) return'],
      ['if (!seen || !(await this.may(found.row))) {', 'if (!seen) {'],
      ['if (!seen || !(await this.may(found.row))) {', 'if (!found || !(await this.may(found.row))) {'],
      ["if (this.asker.own.has(row.key)) return { key: 'own' }", "if (false) return { key: 'own' }"],
      ['ticked.key !== row.key ||', ''],
      ['|| (ticked.login ?? null) !== row.login', ''],
      [
        'if (this.asker.own.has(row.key)) return { key: cannot[by].cutsOwn }',
        'if (false) return { key: cannot[by].cutsOwn }',
      ],
      ['if (!isSeen(row, this.seen) || !(await this.may(row))) {', 'if (!isSeen(row, this.seen)) {'],
      ['if (!isSeen(row, this.seen) || !(await this.may(row))) {', 'if (!(await this.may(row))) {'],
      ['if ((this.statusOf(row)?.byForce ?? null) === null)', 'if (false)'],
    ],
  ),
  ...of(
    'src/collectors/ftp/os/end-process.ts',
    [
      'test/collectors/ftp/proftpd/end.test.ts',
      'test/collectors/ftp/pure-ftpd/end.test.ts',
      'test/collectors/ftp/vsftpd/end.test.ts',
    ],
    [
      ['bootId === machine.bootId() ? machine.processStat(pid) : null', 'machine.processStat(pid)'],
      ["if (process?.startTicks !== startTicks) return 'already-gone'", "if (!process) return 'already-gone'"],
      ["if (why) throw typeof why === 'string' ? new RemovalRefused(why) : why", ''],
    ],
  ),
  ...of(
    'src/collectors/changed-hands.ts',
    ['test/collectors/changed-hands.test.ts'],
    [
      ['if (now.login !== listed.login) {', 'if (false) {'],
      ['{ login: listed.login })', '{ login: now.login ?? listed.login })'],
      ['if (now.ip === listed.ip) return null', 'return null'],
    ],
  ),
  ...of(
    'src/collectors/refusal.ts',
    ['test/collectors/refusals.test.ts'],
    [["typeof value === 'string' ? (rowValue(value) as string) : value", 'value']],
  ),
  ...of(
    'src/components/shared/sentences.ts',
    ['test/translations/sentences.test.ts'],
    [
      ["allKnown &&= text !== ''", ''],
      ['wordsOf(one, known, inline)', 'wordsOf(one, known)'],
    ],
  ),
  ...of(
    'src/collectors/ftp/proftpd/end-proftpd-session.ts',
    ['test/collectors/ftp/proftpd/end.test.ts'],
    [
      ['if (found?.entry.pid !== pid)', 'if (!found)'],
      ['if (other) return other', ''],
      ['if (found.entry.beganAt !== session.beganAt)', 'if (false)'],
      ['if (found?.file === file) return found', 'return found'],
    ],
  ),
  ...of(
    'src/collectors/ftp/pure-ftpd/end-pure-ftpd-session.ts',
    ['test/collectors/ftp/pure-ftpd/end.test.ts'],
    [
      ['notThatSession(session, now) ??', ''],
      ['login: now.account', 'login: account'],
      ['ip: now.peer', 'ip: peer'],
    ],
  ),
  ...of(
    'src/collectors/ftp/vsftpd/end-vsftpd-session.ts',
    ['test/collectors/ftp/vsftpd/end.test.ts'],
    [
      ['ip: now.ip }', 'ip }'],
      ['isBetween(now) ? login : now.login', 'login'],
      ['if (!isSameProgram(own!, parents!))', 'if (false)'],
      ["if (listener.title.is !== 'listener' || !isTrusted(listener))", "if (listener.title.is !== 'listener')"],
      ['if (isBetween(now) && !force)', 'if (false)'],
    ],
  ),
  ...of(
    'src/collectors/ftp/vsftpd/live-vsftpd-sessions.ts',
    ['test/collectors/ftp/vsftpd/bad-input.test.ts', 'test/collectors/ftp/vsftpd/launched.test.ts'],
    [
      ['(uid !== 65_534 && uid', '(uid'],
      ['uid: standingOf(stat.pid)?.realUid ?? null', 'uid: 0'],
      ['if (isInOtherUserNamespace(pid))', 'if (false)'],
    ],
  ),
  ...of(
    'src/collectors/ftp/os/proc.ts',
    ['test/collectors/ftp/vsftpd/launched.test.ts'],
    [['if (!pids.includes(1)) processStat(1)', '']],
  ),
  ...of(
    'src/collectors/ftp/proftpd/live-proftpd-sessions.ts',
    ['test/collectors/ftp/proftpd/inetd.test.ts'],
    [
      ['everAlive ||= master !== null', 'everAlive ||= master !== null || header.masterPid === 0'],
      ['&& !found.startedAlone', ''],
      ['(same || !isYounger(', '(!isYounger('],
    ],
  ),
  ...of(
    'src/collectors/ftp/proftpd/none-live.ts',
    ['test/collectors/ftp/proftpd/inetd.test.ts'],
    [
      ['(everAlive || !unknown.some(isOfThisBoot))', '(everAlive || unknown.length === 0)'],
      ['const without = everAlive ? null : await keepsNone(signal)', 'const without = null'],
    ],
  ),
  ...of(
    'src/collectors/ftp/proftpd/proftpd.ts',
    ['test/collectors/ftp/proftpd/inetd.test.ts'],
    [['if (isByInetd(scoreboard)) throw new Error(NO_CONTROLS)', '']],
  ),
  ...of(
    'src/collectors/ftp/pure-ftpd/pure-ftpd-processes.ts',
    ['test/collectors/ftp/pure-ftpd/end.test.ts'],
    [['(program.file === null ? SHORT_NAMES : PROGRAMS)', 'PROGRAMS']],
  ),
  ...of(
    'src/collectors/ftp/pure-ftpd/end-pure-ftpd-as-root.ts',
    ['test/collectors/ftp/pure-ftpd/rights.test.ts'],
    [
      ['isRoots(statSync(`/proc/${session.pid}/exe`)) &&', ''],
      ['isRootsAlone(directory) &&', ''],
      ['&& isRootsAlone(realpathSync(who))', ''],
    ],
  ),
  ...of(
    'src/collectors/ftp/pure-ftpd/pure-ftpd-server.ts',
    ['test/collectors/ftp/pure-ftpd/bad-input.test.ts', 'test/collectors/ftp/pure-ftpd/namespaces.test.ts'],
    [
      ['seen ||= (await findHere(pids, signal)) !== null', 'seen = true'],
      ['if (entries === null) return false', 'return false'],
    ],
  ),
  ...of(
    'src/collectors/ftp/os/end-by-arguments.ts',
    ['test/collectors/ftp/os/end-by-arguments.test.ts'],
    [
      ['if (session?.startTicks !== startTicks) return gone', 'if (!session) return gone'],
      ['if (program && !program.file)', 'if (false)'],
    ],
  ),
  ...of(
    'src/collectors/ftp/proftpd/end-proftpd-as-root.ts',
    ['test/collectors/ftp/proftpd/rights.test.ts'],
    [['heldScoreboard(pid, [0, ...masterUid(parent)])', 'heldScoreboard(pid, [0, 65534, 1000, ...masterUid(parent)])']],
    { inDist: true },
  ),
  ...of(
    'src/database/removal-records.ts',
    ['test/engine/take-over.test.ts', 'test/engine/removals.test.ts', 'test/actions/force.test.ts'],
    [
      ['{ ...heldBy(removals[0]!), id:', '{ id:'],
      ['{ beat: left })', '{ beat: 0 })'],
      ['finishedAt: MoreThan(since) }', '}'],
      ["outcome: 'failed', finishedAt", 'finishedAt'],
    ],
  ),
  ...of(
    'src/database/removal-records.ts',
    ['test/database/removal-states.test.ts'],
    [
      ["if (!movesFrom('pending', 'taker').includes(outcome))", 'if (false)'],
      ["if (!movesFrom(null, 'asker').includes(outcome))", 'if (false)'],
    ],
  ),
  ...of(
    'src/database/open-database.ts',
    ['test/database/statements.test.ts'],
    [["if (engine === 'sqlite') await connection.query('PRAGMA synchronous = FULL')", '']],
  ),
  ...of(
    'src/actions/same-origin.ts',
    ['test/actions/same-origin.test.ts'],
    [
      ['&& socket.localPort !== 80 && socket.localPort !== 443', ''],
      ['return !/:\\d+$/.test(host) &&', 'return'],
      ['origins.includes(origin) ||', ''],
      ["if (typeof request?.get !== 'function') return { key: 'notExpress' }", ''],
    ],
  ),
  ...of(
    'src/collectors/panel/express-sessions/list/unlisted.ts',
    ['test/collectors/panel/express-sessions/unlisted.test.ts', 'test/actions/own-session.test.ts'],
    [
      ['if (!again) return missed.size > 0', 'return false'],
      ['const again = [...missed.keys()].some((sid) => this.suspects.has(sid))', 'const again = missed.size > 0'],
      ['if (session && !present', 'if (!present'],
    ],
  ),
  ...of(
    'src/collectors/panel/express-sessions/express-sessions.ts',
    ['test/actions/own-session.test.ts'],
    [
      ['if (sessionStore !== store) {', 'if (false) {'],
      ['if (key !== null && listedKeys.has(key)) return null', 'if (key !== null) return null'],
    ],
  ),
  ...of(
    'src/database/silent-hosts.ts',
    ['test/engine/silent-hosts.test.ts'],
    [
      ['if (since !== null && Date.now() - since.getTime() <= afterMs) continue', ''],
      ['await records.giveUp(', 'void ('],
      ["{ state: Not('dropped' as const) }", '{}'],
    ],
  ),
  ...of(
    'src/database/source-status.ts',
    ['test/engine/silent-hosts.test.ts', 'test/engine/collector.test.ts'],
    [['seenAt: new Date() }', '}']],
  ),
  ...of(
    'src/collectors/panel/plesk/trusted-connection.ts',
    ['test/collectors/panel/plesk/plesk.test.ts'],
    [
      [
        'fingerprint === undefined ? !socket.authorized : found !== fingerprint',
        'fingerprint === undefined && !socket.authorized',
      ],
      [
        'fingerprint === undefined ? !socket.authorized : found !== fingerprint',
        'fingerprint !== undefined && found !== fingerprint',
      ],
    ],
  ),
  ...of(
    'src/collectors/panel/plesk/elements.ts',
    ['test/collectors/panel/plesk/elements.test.ts'],
    [
      ['open.length === deepest', 'open.length === Infinity'],
      ["throw new Error('a DOCTYPE is in it')", ''],
    ],
  ),
  ...of(
    'src/collectors/panel/plesk/answer.ts',
    ['test/collectors/panel/plesk/plesk.test.ts'],
    [
      ["if (!entry.get('id')) throw", "if (entry.get('id') === '-') throw"],
      ['if (statuses.length === 0) throw', 'if (statuses.length < 0) throw'],
    ],
  ),
  ...of(
    'src/collectors/panel/plesk/entry-fields.ts',
    ['test/collectors/panel/plesk/entry-fields.test.ts'],
    [
      [
        'if (offset === undefined && zone === undefined) {',
        "zone ??= 'UTC'\n  if (offset === undefined && zone === '') {",
      ],
    ],
  ),
  ...of(
    'src/collectors/panel/plesk/xml-api.ts',
    ['test/collectors/panel/plesk/plesk.test.ts'],
    [
      ['.end(Buffer.from(body))', '.end(body)'],
      ['if (length > longest) throw', 'if (length > longest * 16) throw'],
      ['if (refused && Date.now() < refused.untilMs) throw refused.error', ''],
      ["for (const secret of secrets) if (secret) words = words.replaceAll(secret, '…')", ''],
      ['escaped(sessionId)', 'sessionId'],
    ],
  ),
  ...of(
    'src/collectors/panel/plesk/plesk.ts',
    ['test/collectors/panel/plesk/plesk.test.ts'],
    [
      ["if (error.code === gone) return 'already-gone'", ''],
      ["notAllowed.has(code) ? new Refusal('pleskRefused', { answer, todo }) : error", 'error'],
      ['if (found && found.login !== login) {', 'if (!found || found.login !== login) {'],
      ['if (found && found.login !== login) {', "if (found && found.login === '') {"],
    ],
  ),
  ...of(
    'src/collectors/panel/session-files/session-files.ts',
    ['test/collectors/panel/session-files/session-files.test.ts'],
    [
      ['if (reading.isUnsettled && waits(reading.name))', 'if (false)'],
      ['await inSlices(listed?.keys() ?? [], signal, (name) => names.add(name))', ''],
      ['wasSomeone(name) && performance.now() < giveUpAt', 'false'],
    ],
  ),
  ...of(
    'src/collectors/panel/session-files/plain-file.ts',
    ['test/collectors/panel/session-files/session-files.test.ts'],
    [
      [' | constants.O_NOFOLLOW', ''],
      ['if (versionOf(lstatSync(path)) !== version) return false', ''],
    ],
  ),
  ...of(
    'src/collectors/panel/session-files/php-session.ts',
    ['test/collectors/panel/session-files/php-session.test.ts'],
    [
      [".replace(/^\\0[^\\0]*\\0/, '')", ''],
      ['if (++this.depth > deepest)', 'if (++this.depth > deepest * 1e6)'],
    ],
  ),
  ...of(
    'src/collectors/panel/told-session.ts',
    ['test/collectors/panel/session-files/session-files.test.ts'],
    [['answer[name] === undefined ? otherwise[name] : answer[name]', 'answer[name] ?? otherwise[name]']],
  ),
  ...of(
    'src/collectors/panel/end-unless-changed.ts',
    ['test/collectors/panel/session-table/databases.test.ts'],
    [['if (found.login !== login) {', "if (found.login === '') {"]],
  ),
  ...of(
    'src/collectors/panel/session-table/session-rows.ts',
    ['test/collectors/panel/session-table/databases.test.ts'],
    [
      ['if (readOnly === null)', 'if (readOnly !== undefined)'],
      ['return `s.${this.dialect.quoted(name)}`', 'return this.dialect.quoted(name)'],
      ['return affected === 1', 'return affected !== undefined'],
    ],
  ),
  ...of(
    'src/collectors/panel/session-table/session-table.ts',
    ['test/collectors/panel/session-table/databases.test.ts'],
    [
      ['if (told === null || isOver(told)) return', 'if (told === null) return'],
      ['told && !isOver(told) ?', 'told ?'],
    ],
  ),
]

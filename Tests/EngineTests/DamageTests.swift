import Engine
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Every file of a small database is damaged in every way: nothing crashes, no answer is wrong, and what is wrong is said.
///
/// By default some places of each file; `LYRICA_DAMAGE_ALL=1` tries every byte.
@Suite struct DamageTests {
    private let fixture: DamageFixture
    private let judge: DamageJudge

    init() async throws {
        fixture = try await DamageFixture()
        judge = DamageJudge(fixture: fixture)
    }

    /// Places in a file: all of them, or about `sample`, an odd number of bytes apart.
    private func places(in count: Int, sample: Int) -> StrideTo<Int> {
        stride(from: 0, to: count, by: getenv("LYRICA_DAMAGE_ALL") == nil ? max(1, count / sample) | 1 : 1)
    }

    /// A file whose damage must be without any effect.
    private func isIrrelevant(_ path: String) -> Bool { path.hasSuffix("/LOCK") || path.contains("/recycled-") }

    private func check(
        _ disk: SimulatedFileSystem, _ what: String, _ damaged: [String], repair: ((SimulatedFileSystem) -> Void)? = nil
    ) async -> Bool {
        do {
            try await judge.check(disk, damaged: damaged, repair: repair)
            return true
        } catch {
            Issue.record("\(what): \(error)")
            return false
        }
    }

    @Test func theFixtureHasEveryKindOfFile() async throws {
        for part in ["/LOCK", "/CATALOG", "/CATALOG.copy", "/log/", "/MANIFEST", ".segment"] {
            #expect(fixture.paths.contains { $0.contains(part) }, "\(part) in \(fixture.paths)")
        }
        #expect(fixture.paths.count { $0.hasSuffix(".segment") } >= 6)
        #expect(await check(fixture.disk.afterProcessDeath(), "nothing", []))
    }

    @Test func flippedBits() async {
        for path in fixture.paths {
            let original = fixture.disk.contents(path)
            for offset in places(in: original.count, sample: 120) {
                let disk = fixture.disk.afterProcessDeath()
                disk.flipBit(path, at: offset * 8 + offset / 7 % 8)
                let isFine = await check(disk, "a bit of byte \(offset) of \(path)", isIrrelevant(path) ? [] : [path]) {
                    $0.replaceContents(path, with: original)
                }
                if !isFine { break }
            }
        }
    }

    @Test func cutFiles() async {
        for path in fixture.paths where !isIrrelevant(path) {
            let original = fixture.disk.contents(path)
            for count in places(in: original.count, sample: 40) {
                let disk = fixture.disk.afterProcessDeath()
                disk.replaceContents(path, with: Array(original[..<count]))
                let isFine = await check(disk, "\(path) cut to \(count) bytes", [path]) { $0.replaceContents(path, with: original) }
                if !isFine { break }
            }
        }
    }

    @Test func longerFiles() async {
        for path in fixture.paths where !isIrrelevant(path) {
            let disk = fixture.disk.afterProcessDeath()
            disk.replaceContents(path, with: fixture.disk.contents(path) + [0])
            _ = await check(disk, "\(path) with a byte more", [path])
        }
    }

    @Test func missingFiles() async throws {
        for path in fixture.paths {
            let disk = fixture.disk.afterProcessDeath()
            try disk.remove(path)
            // One copy of the catalog is enough, and the other is made anew.
            _ = await check(disk, "\(path) missing", isIrrelevant(path) || path.contains("/CATALOG") ? [] : [path])
        }
    }

    @Test func withoutBothCatalogsNothingIsTaken() async throws {
        let disk = fixture.disk.afterProcessDeath()
        try disk.remove("data/CATALOG")
        try disk.remove("data/CATALOG.copy")
        let before = disk.paths
        #expect(throws: OpeningFailure.self) { try DamageFixture.open(disk) }
        #expect(before.allSatisfy { disk.paths.contains($0) })
    }

    /// Files that are whole, but those of another place.
    @Test func swappedFiles() async {
        let paths = fixture.paths.filter { !isIrrelevant($0) }
        for (place, one) in paths.enumerated() {
            for other in paths[(place + 1)...] {
                let (first, second) = (fixture.disk.contents(one), fixture.disk.contents(other))
                // The two copies of the catalog are the same.
                guard first != second else { continue }
                let disk = fixture.disk.afterProcessDeath()
                disk.replaceContents(one, with: second)
                disk.replaceContents(other, with: first)
                _ = await check(disk, "\(one) swapped with \(other)", [one, other]) {
                    $0.replaceContents(one, with: first)
                    $0.replaceContents(other, with: second)
                }
            }
        }
    }

    /// The tests must be able to fail: damage that every checksum misses, as in a build that ignores them, is seen in what is read.
    @Test(arguments: DamageForgery.allCases)
    func ignoredChecksumsAreNoticed(_ forgery: DamageForgery) async throws {
        let (path, places) = try #require(forgery.target(in: fixture.disk))
        var noticed = 0
        for place in places {
            let disk = fixture.disk.afterProcessDeath()
            try forgery.damage(disk, path, at: place)
            do {
                try await judge.check(disk, damaged: [])
            } catch let violation as Violation where violation.description.contains("instead of") {
                noticed += 1
            } catch {
                // It was found not to be what a writer writes, although its checksums fit.
                continue
            }
        }
        #expect(noticed > 0, "nobody compares what these bytes say")
    }
}

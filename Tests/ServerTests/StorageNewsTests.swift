import Engine
import Server
import Testing
import VectorModel

@Suite struct StorageNewsTests {
    private let one = CollectionIdentifier("00000000-0000-4000-8000-000000000001")!
    private let two = CollectionIdentifier("00000000-0000-4000-8000-000000000002")!

    private func report(_ damaged: [(CollectionIdentifier, Bool)] = [], _ problems: [String] = []) -> StorageReport {
        var report = StorageReport()
        report.damagedCollections = damaged.map { .init(collection: $0.0, isReadable: $0.1, damage: "block 3") }
        report.problems = problems
        return report
    }

    @Test func eachDamageIsToldOnceAndAgainWhenItGrows() {
        var news = StorageNews()
        #expect(news.update(report()).isEmpty)
        #expect(news.update(report([(one, true)])) == [.damaged(.init(collection: one, isReadable: true, damage: "block 3"))])
        #expect(news.update(report([(one, true)])).isEmpty)
        #expect(news.update(report([(one, true), (two, false)])) == [.damaged(.init(collection: two, isReadable: false, damage: "block 3"))])
        #expect(news.update(report([(one, false), (two, false)])) == [.damaged(.init(collection: one, isReadable: false, damage: "block 3"))])
        #expect(news.update(report([(one, false), (two, false)])).isEmpty)
    }

    @Test func problemsAreToldWhenTheyBeginAndWhenTheyEnd() {
        var news = StorageNews()
        #expect(news.update(report([], ["no space", "no archive"])) == [.problemBegan("no space"), .problemBegan("no archive")])
        #expect(news.update(report([], ["no archive", "no space"])).isEmpty)
        #expect(news.update(report([], ["no archive", "other"])) == [.problemBegan("other"), .problemEnded("no space")])
        #expect(news.update(report()) == [.problemEnded("no archive"), .problemEnded("other")])
        #expect(news.update(report([], ["no space"])) == [.problemBegan("no space")], "it may come back")
    }
}

import ByteCoding

extension SegmentWriter {
    /// Writes the ids and the index that finds them.
    func writeIdentifiers() throws(SegmentWriteError) {
        var offsets: [UInt64] = [0]
        offsets.reserveCapacity(rows.count + 1)
        var index = SegmentHashIndexBuilder(count: rows.count)
        let key = header.hashKey
        try section(.identifierBytes) { () throws(SegmentWriteError) in
            var end: UInt64 = 0
            try rows.forEach { number, source, row throws(SegmentWriteError) in
                try copying { () throws(Corruption) in
                    try source.withIdentifier(of: row) { bytes in
                        Result { () throws(SegmentWriteError) in
                            index.insert(number, hash: SipHash.hash(bytes, key: key).low)
                            end += UInt64(bytes.count)
                            try self.output.append(bytes)
                        }
                    }
                }
                offsets.append(end)
            }
        }
        try section(.identifierOffsets) { () throws(SegmentWriteError) in try output.append(contentsOf: offsets) }
        let slots = index.slots
        try section(.identifierIndex) { () throws(SegmentWriteError) in try output.append(contentsOf: slots) }
    }

    /// Writes documents and URIs, many rows to a compressed block.
    func writeTexts() throws(SegmentWriteError) {
        let texts = SegmentTextBlocks()
        try section(.textBytes) { () throws(SegmentWriteError) in
            try rows.forEach { index, source, row throws(SegmentWriteError) in
                try copying { () throws(Corruption) in
                    try source.withTexts(of: row) { document, uri in
                        Result { () throws(SegmentWriteError) in
                            if document != nil { self.flags[index] |= SegmentFormat.RowFlag.hasDocument }
                            if uri != nil { self.flags[index] |= SegmentFormat.RowFlag.hasURI }
                            let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
                            try texts.append(document ?? nothing, uri ?? nothing, row: index, to: self.output)
                        }
                    }
                }
            }
            try texts.endBlock(self.output)
        }
        let (blocks, places) = (texts.blocks, texts.places)
        try section(.textBlocks) { () throws(SegmentWriteError) in
            for block in blocks {
                try output.append(block.offset)
                try output.append(block.storedLength)
                try output.append(block.rawLength)
            }
        }
        try section(.textPlaces) { () throws(SegmentWriteError) in
            for place in places {
                try output.append(place.block)
                try output.append(place.offset)
                try output.append(place.documentLength)
                try output.append(place.uriLength)
            }
        }
    }
}

/// Bodies of searches as the client of Chroma 1.5.9 makes them from its expressions.
enum SearchBodies {
    static let nothing = #"""
        {"searches":[{"filter":null,"rank":null,"group_by":{},"limit":{"offset":0},"select":{"keys":[]}}],"read_level":"index_and_wal"}
        """#
    static let everything = #"""
        {"searches":[{"filter":{"$and":[{"genre":{"$eq":"psalm"}},{"verse":{"$gte":10}}]},"rank":{"$knn":{"query":[0.5,-1.0,2.0],
        "key":"#embedding","limit":100}},"group_by":{},"limit":{"offset":2,"limit":5},"select":{"keys":["#document","#embedding",
        "#metadata","#score"]}}],"read_level":"index_and_wal"}
        """#
    static let identifiers = #"""
        {"searches":[{"filter":{"$and":[{"#id":{"$in":["a","b"]}},{"genre":{"$eq":"psalm"}},{"#document":{"$contains":"shepherd"}}]},
        "rank":{"$knn":{"query":[0.5,-1.0,2.0],"key":"#embedding","limit":16}},"group_by":{},"limit":{"offset":0},"select":{"keys":[]}}],
        "read_level":"index_and_wal"}
        """#
    static let arithmetic = #"""
        {"searches":[{"filter":null,
        "rank":{"$max":[{"$min":[{"$abs":{"$log":{"$exp":{"$sub":{"left":{"$sum":[{"$mul":[{"$knn":{"query":[0.5,-1.0,2.0],
        "key":"#embedding","limit":16}},{"$val":0.75}]},{"$div":{"left":{"$knn":{"query":{"#type":"sparse_vector","indices":[1,7,40],
        "values":[0.5,1.5,-2.0]},"key":"sparse","limit":40,"default":9.5}},"right":{"$val":4}}}]},"right":{"$val":1}}}}}},{"$val":3}]},
        {"$mul":[{"$val":-1},{"$knn":{"query":[0.5,-1.0,2.0],"key":"#embedding","limit":16}}]}]},"group_by":{},"limit":{"offset":0},
        "select":{"keys":[]}}],"read_level":"index_and_wal"}
        """#
    static let fusion = #"""
        {"searches":[{"filter":null,"rank":{"$mul":[{"$val":-1},{"$sum":[{"$div":{"left":{"$val":0.75},"right":{"$sum":[{"$val":60},
        {"$knn":{"query":[0.5,-1.0,2.0],"key":"#embedding","limit":20,"return_rank":true}}]}}},{"$div":{"left":{"$val":0.25},
        "right":{"$sum":[{"$val":60},{"$knn":{"query":{"#type":"sparse_vector","indices":[1,7,40],"values":[0.5,1.5,-2.0],"tokens":["a",
        "b","c"]},"key":"sparse","limit":20,"return_rank":true}}]}}}]}]},"group_by":{},"limit":{"offset":0},"select":{"keys":[]}}],
        "read_level":"index_and_wal"}
        """#
    static let groups = #"""
        {"searches":[{"filter":null,"rank":{"$knn":{"query":[0.5,-1.0,2.0],"key":"#embedding","limit":16}},"group_by":{"keys":["genre",
        "year"],"aggregate":{"$min_k":{"keys":["priority","#score"],"k":2}}},"limit":{"offset":0},"select":{"keys":["#id","#score",
        "genre","title"]}}],"read_level":"index_and_wal"}
        """#
    static let largest = #"""
        {"searches":[{"filter":null,"rank":{"$knn":{"query":[0.5,-1.0,2.0],"key":"#embedding","limit":16}},"group_by":{"keys":["genre"],
        "aggregate":{"$max_k":{"keys":["year"],"k":1}}},"limit":{"offset":0},"select":{"keys":[]}}],"read_level":"index_and_wal"}
        """#
    static let batch = #"""
        {"searches":[{"filter":null,"rank":{"$knn":{"query":[0.5,-1.0,2.0],"key":"#embedding","limit":16}},"group_by":{},
        "limit":{"offset":0},"select":{"keys":[]}},{"filter":null,"rank":{"$val":2},"group_by":{},"limit":{"offset":0},
        "select":{"keys":[]}},{"filter":null,"rank":null,"group_by":{},"limit":{"offset":0,"limit":3},"select":{"keys":[]}}],
        "read_level":"index_and_wal"}
        """#
}

nacre_test(store_fault_test LABEL fault SOURCES store_fault_test.cc
           LINK nacre_store SQLite::SQLite3)
nacre_test(store_damage_test LABEL fault SOURCES store_damage_test.cc
           LINK nacre_store SQLite::SQLite3)

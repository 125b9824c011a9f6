// Command ledger opens an SQLite database with a driver that is written in C.
package main

import (
	"database/sql"

	_ "github.com/mattn/go-sqlite3"
)

func open(path string) *sql.DB {
	db, err := sql.Open("sqlite3", path)
	if err == nil {
		err = db.Ping()
	}
	if err != nil {
		panic(err) // crash: open
	}
	return db
}

func main() {
	db := open("ledger.db")
	defer db.Close()
	println("ledger is open")
}

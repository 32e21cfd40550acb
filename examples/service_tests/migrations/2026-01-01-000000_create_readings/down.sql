DROP TABLE readings;
DROP TABLE stations;

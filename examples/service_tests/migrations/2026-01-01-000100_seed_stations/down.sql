DELETE FROM stations;
